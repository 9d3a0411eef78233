import type { Log, LogFields } from './log.ts'
import type { Settings } from './settings.ts'

const levels = ['info', 'warn', 'error'] as const
export type LogLevel = (typeof levels)[number]

/**
 * A log that writes each line as text, or as JSON by pino, which is loaded for that alone. A line is one line whatever is in it, so that
 * nobody outside can make it look like two; text leaves the fields out.
 */
export async function logTo(
  write: (text: string) => void,
  { logFormat, logLevel }: Pick<Settings, 'logFormat' | 'logLevel'>,
): Promise<Log> {
  const isWanted = (level: LogLevel) => levels.indexOf(level) >= levels.indexOf(logLevel)
  if (logFormat === 'text')
    return (line, { level = levelOf(line) }: LogFields = {}) => {
      if (isWanted(level)) write(`${printable(line)}\n`)
    }
  const { pino } = await import('pino')
  const logger = pino(
    {
      level: logLevel,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (text: string) => write(unturned(text)) },
  )
  return (line, { level = levelOf(line), ...fields }: LogFields = {}) => {
    if (isWanted(level)) logger[level](own(fields), line)
  }
}

/** A line that says itself that it is a warning or an error is one. */
const levelOf = (line: string): LogLevel =>
  line.startsWith('internal error:') ? 'error' : line.startsWith('warning:') ? 'warn' : 'info'

/** The members that each line has are not said twice. */
function own(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { time: _time, msg: _msg, ...others } = fields
  return others
}

// oxlint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
/** Of these, what JSON lets stand in a text. */
const unescaped = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Without what ends a line, moves the cursor of a terminal or turns the direction of the text. */
const printable = (line: string): string =>
  line.replace(unprintable, (character) => short[character] ?? escaped(character))

/** The same JSON, as printable. */
const unturned = (json: string): string => json.replace(unescaped, escaped)
