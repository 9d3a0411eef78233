import { readFileSync } from 'node:fs'
import type { Fault } from '../engine/index.ts'
import { styler, type Io } from './io.ts'

/** Faults as a good compiler shows them: place, the line itself with the part marked, expected, hint. */
export function framed(
  faults: readonly Fault[],
  io: Io,
  texts: Readonly<Record<string, string>> = {},
): string {
  const style = styler(io)
  return faults
    .map((fault) => {
      const { at, expected, got, hint, pointer } = fault
      const head = `${style(['red', 'bold'], 'error')}${style('bold', `: ${pointer === '' ? '' : `${pointer}: `}got ${got}`)}\n`
      const notes = `expected ${expected}${hint === undefined ? '' : `\n   ${style('cyan', '=')} ${style('bold', hint)}`}`
      if (at === undefined) return `${head}   ${style('cyan', '=')} ${notes}\n`
      const place = `  ${style('cyan', '-->')} ${at.file}:${at.line}:${at.column}\n`
      const line = (texts[at.file] ?? read(at.file)).split('\n')[at.line - 1]
      if (line === undefined || line === '')
        return `${head}${place}   ${style('cyan', '=')} ${notes}\n`
      const number = String(at.line)
      const bar = style('cyan', '|')
      const gutter = ' '.repeat(number.length)
      const shown = window(line, at.column, at.length)
      const marks = `${' '.repeat(shown.from)}${style('red', '^'.repeat(shown.length))}`
      return `${head}${place} ${gutter} ${bar}\n ${style('cyan', number)} ${bar} ${shown.text}\n ${gutter} ${bar} ${marks}\n ${gutter} ${style('cyan', '=')} ${notes.replaceAll('\n   ', `\n ${gutter} `)}\n`
    })
    .join('\n')
}

const widest = 110

/** The part of a long line around the marked place. */
function window(line: string, column: number, length: number) {
  const start = line.length <= widest ? 0 : Math.max(0, column - 1 - 40)
  const text = line.slice(start, start + widest)
  const from = column - 1 - start
  return { text, from, length: Math.max(1, Math.min(length, text.length - from)) }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
