import type { Unproved } from '../engine/index.ts'
import { styler, type Io } from './io.ts'

/** An invariant that is not proved, as a line of its own, and why below. */
export function unprovedText({ invariant, title, verdict, because, at }: Unproved, io: Io): string {
  const style = styler(io)
  return [
    `${style(['red', 'bold'], `invariant ${verdict}`)}${style('bold', `: ${invariant}`)}`,
    ...(at ? [`  ${style('cyan', '-->')} ${at.file}:${at.line}:${at.column}`] : []),
    ...[title, because].map((detail) => `   ${style('cyan', '=')} ${detail}`),
  ]
    .map((line) => `${line}\n`)
    .join('')
}
