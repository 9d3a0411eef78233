/**
 * What is wrong with an input (a sign-in, a rule file, a log row), said so that its author can mend it:
 * where, what was expected, what came, and the nearest thing that would have been right.
 */
export type Fault = {
  /** JSON pointer (RFC 6901) into the document; '' is the whole of it. */
  readonly pointer: string
  readonly expected: string
  readonly got: string
  /** What to do about it, where we can guess: usually the nearest valid name. */
  readonly hint?: string
  /** When it is the name of the member that is wrong, not its value. */
  readonly about?: 'name'
  /** For faults of files. */
  readonly at?: Location
}

/** A place in a file; `line` and `column` count from 1, `length` is in characters of that line. */
export type Location = {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly length: number
}

/** Takes what is wrong, and separately how to find a hint: looking for the nearest name costs, and hostile input has many faults. */
export type Report = (fault: Fault, hint?: () => { readonly hint?: string }) => void

/** `/user/roles: expected an array …, got the string "x" (did you mean …?)` */
export function faultText(fault: Fault): string {
  const where = fault.at ? `${fault.at.file}:${fault.at.line}:${fault.at.column}: ` : ''
  const hint = fault.hint === undefined ? '' : ` (${fault.hint})`
  return `${where}${fault.pointer === '' ? '' : `${fault.pointer}: `}expected ${fault.expected}, got ${fault.got}${hint}`
}

/** Escapes one member name for use in a JSON pointer. */
export function pointerTo(parent: string, member: string | number): string {
  return `${parent}/${String(member).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

const longestShown = 60

/** A value as a fault shows it: bounded in size, whatever came, and never recursing into it. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(
        value.length > longestShown ? `${value.slice(0, longestShown)}…` : value,
      )
    case 'object':
      if (value === null) return 'null'
      if (Array.isArray(value))
        return value.length === 0 ? 'an empty array' : `an array of ${value.length}`
      return 'an object'
    case 'undefined':
      return 'nothing'
    default:
      return String(value).slice(0, longestShown)
  }
}

/** "one of a, b, c", cut short where the list is long. */
export function oneOfThese(names: readonly string[], most = 12): string {
  if (names.length === 0) return 'one of these, of which there are none yet'
  if (names.length === 1) return show(names[0])
  const shown = names.slice(0, most).map((name) => show(name))
  return `one of ${shown.join(', ')}${names.length > most ? `, … (${names.length} in all)` : ''}`
}

/** `did you mean "x"?` for the nearest of the valid names, or nothing when none is near. */
export function didYouMean(got: unknown, names: Iterable<string>): { hint?: string } {
  if (typeof got !== 'string' || got.length > longestShown) return {}
  let nearest: string | undefined
  let least = Math.max(1, Math.min(4, Math.floor(got.length / 3))) + 1
  for (const name of names) {
    const distance = editDistance(got.toLowerCase(), name.toLowerCase(), least)
    if (distance < least) [nearest, least] = [name, distance]
  }
  return nearest === undefined ? {} : { hint: `did you mean ${show(nearest)}?` }
}

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other; `limit` or more reads as `limit`. */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) >= limit) return limit
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => Math.min(column, limit))
  for (let row = 1; row <= from.length; row++) {
    // Further than `limit` from the diagonal nothing can be near enough.
    const first = Math.max(1, row - limit)
    const end = Math.min(to.length, row + limit)
    const next = Array.from({ length: to.length + 1 }, () => limit)
    if (first === 1) next[0] = Math.min(row, limit)
    let least = next[0]!
    for (let column = first; column <= end; column++) {
      const replaced = last[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1)
      let edits = Math.min(replaced, last[column]! + 1, next[column - 1]! + 1)
      const swapped =
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1]
      if (swapped) edits = Math.min(edits, before[column - 2]! + 1)
      next[column] = edits
      least = Math.min(least, edits)
    }
    if (least >= limit) return limit
    ;[before, last] = [last, next]
  }
  return Math.min(limit, last[to.length]!)
}
