import { show, type Fault } from './fault.ts'
import { nextStructural } from './structure.ts'

/** What the parser says of where it stopped. */
type Stop = Error & { readonly line?: number; readonly column?: number; readonly offset?: number }

/** A text, a number or a word, else one character. */
const token = /"(?:\\.|[^"\\\n])*"|[\w.+-]+|./suy
const longestShown = 40

/** What is wrong with a text that is no JSON, in plain words, where the parser stopped. */
export function syntaxFault(file: string, text: string, error: unknown): Fault {
  const { message, line = 1, column = 1, offset = 0 } = error as Stop
  const fault = { pointer: '', expected: 'JSON' }
  // Where that is the parser does not say.
  if (message.startsWith('Unexpected end')) return { ...fault, ...endOf(file, text) }
  token.lastIndex = offset
  const [found = ''] = token.exec(text) ?? []
  const before = text.slice(0, offset).trimEnd().at(-1)
  const hint = hintFor(found, before)
  // Where a bracket is not closed it stops at what stands last.
  const isLast = text.slice(offset + found.length).trim() === ''
  if (isLast && hint === undefined && isCutOff(text)) return { ...fault, ...endOf(file, text) }
  const got = found.startsWith('"') && found.length > 1 ? found : show(found)
  return {
    ...fault,
    got: got.length > longestShown ? `${got.slice(0, longestShown)}…` : got,
    ...(hint !== undefined && { hint }),
    at: { file, line, column, length: 1 },
  }
}

function endOf(file: string, text: string): Pick<Fault, 'got' | 'at'> {
  const lines = text.trimEnd().split('\n')
  return {
    got: text.trim() === '' ? 'nothing' : 'the end of the text',
    at: { file, line: lines.length, column: lines.at(-1)!.length + 1, length: 1 },
  }
}

/** Whether all brackets match but for some that are not closed. */
function isCutOff(text: string): boolean {
  const open: string[] = []
  for (let at = nextStructural(text, 0); at >= 0; at = nextStructural(text, at + 1)) {
    const char = text[at]!
    if (char === '[' || char === '{') open.push(char === '[' ? ']' : '}')
    else if ((char === ']' || char === '}') && open.pop() !== char) return false
  }
  return open.length > 0
}

function hintFor(found: string, before: string | undefined): string | undefined {
  if (before === ',' && /^[,}\]]$/.test(found)) return 'leave out the comma before it'
  if (found === "'") return 'texts stand in double quotes'
  if (/^["[{\w-]/.test(found) && before !== undefined && /["}\]\w]/.test(before))
    return 'is there a comma missing before it?'
  return undefined
}
