/** Names in SMT-LIB 2: a quoted symbol may have anything but `|`, `\` and what is not printable; that is written by its number. */
const symbol = (text: string): string =>
  `|${text.replaceAll(/[^ -z}~]|[|\\{]/g, (sign) => `{${sign.codePointAt(0)!.toString(16)}}`)}|`

export const named = {
  fact: symbol,
  /** That it never happened. */
  never: (fact: string) => symbol(`${fact} never`),
  /** A value of a fact that has a closed list of them. */
  value: (value: string) => symbol(`"${value}"`),
  id: (id: string) => symbol(`id "${id}"`),
  form: (fact: string) => symbol(`form of ${fact}`),
  condition: (name: string) => symbol(`condition ${name}`),
  rule: (name: string) => symbol(`rule ${name}`),
  demands: (requirement: string) => symbol(`demands ${requirement}`),
}

export const integer = (value: number): string => (value < 0 ? `(- ${-value})` : String(value))

export const not = (term: string): string =>
  term === 'true' ? 'false' : term === 'false' ? 'true' : `(not ${term})`

/** Joined by `and`, `or`, where there are several; `and` of none is true, and `or` false. */
export function joined(kind: 'and' | 'or', terms: readonly string[]): string {
  const neutral = kind === 'and' ? 'true' : 'false'
  const telling = terms.filter((term) => term !== neutral)
  const [first, ...more] = telling
  if (first === undefined) return neutral
  return more.length === 0 ? first : `(${kind} ${telling.join(' ')})`
}

/** Each line of it as a comment. */
export const comment = (text: string): string =>
  text
    .split('\n')
    .map((line) => `; ${line}\n`)
    .join('')
