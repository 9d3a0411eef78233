import { readFileSync } from 'node:fs'
import { styleText } from 'node:util'

/**
 * 0 ok · 1 findings: something was looked at and is not as it should be, or a stop cut requests off · 2 usage or bad input · 3 a bug
 * of ours.
 */
export const exit = { ok: 0, findings: 1, usage: 2, internal: 3 } as const

/** What commands know of the world outside; tests bring their own. */
export type Io = {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly readStdin: () => Promise<string>
  /** Standard input as it comes, for what may be long or no text. */
  readonly stdin?: () => AsyncIterable<Uint8Array>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => number
  /** Colours, and progress on stderr. */
  readonly terminal: boolean
}

/** Something is wrong with what the user gave: the message is for them, and there is no stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export const processIo: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  readStdin: async () => {
    const parts: Buffer[] = []
    for await (const part of process.stdin) parts.push(part as Buffer)
    return Buffer.concat(parts).toString('utf8')
  },
  stdin: () => process.stdin,
  env: process.env,
  now: Date.now,
  terminal: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
}

type Style = Parameters<typeof styleText>[0]

export const styler =
  (io: Io) =>
  (style: Style, text: string): string =>
    io.terminal ? styleText(style, text, { validateStream: false }) : text

/** Columns as wide as their widest cell; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[], indent = '  '): string {
  const widths = rows.reduce<number[]>((most, row) => {
    row.forEach((cell, column) => (most[column] = Math.max(most[column] ?? 0, String(cell).length)))
    return most
  }, [])
  return rows
    .map((row) => {
      const cells = row.map((cell, column) =>
        typeof cell === 'number'
          ? String(cell).padStart(widths[column]!)
          : cell.padEnd(widths[column]!),
      )
      return `${indent}${cells.join('  ')}`.trimEnd() + '\n'
    })
    .join('')
}

export const plural = (count: number, noun: string, nouns = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : nouns}`

/** A file that the user named, or a word on why it can't be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw unreadable(file, error)
  }
}

const inWords: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
}

/** That a file which the user named can't be read, and why. */
export function unreadable(file: string, error: unknown): UsageError {
  const { code = '', message } = error as Error & { readonly code?: string }
  return new UsageError(`can't read ${file}: ${inWords[code] ?? message}`)
}
