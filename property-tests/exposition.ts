/** One series of an exposition, with the labels that tell it apart. */
export type Series = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
export type Exposed = {
  readonly type: string
  readonly help: string
  readonly series: readonly Series[]
}

const typed = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/
const helped = /^# HELP ([a-zA-Z_:][\w:]*) (\S.*)$/
const sampled = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const labelled = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y
const unescaped = (text: string) =>
  text.replaceAll(/\\([\\"n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))

/**
 * Reads the text format of Prometheus (0.0.4), strictly: every family has its help and type before its series, once; names, labels and
 * values are well-formed; no series comes twice; counters are called `_total` and never below 0; histograms have buckets that only grow, up
 * to +Inf, which is the count. Throws with the line that is wrong.
 */
export function parseExposition(text: string): ReadonlyMap<string, Exposed> {
  const families = new Map<string, Exposed & { readonly series: Series[] }>()
  const seen = new Set<string>()
  let help: RegExpExecArray | undefined
  let family = ''
  const fail = (line: string, why: string): never => {
    throw new Error(`${why}: ${line}`)
  }
  if (!text.endsWith('\n')) fail(text.slice(-80), 'no line break at the end')
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') continue
    const [helpLine, typeLine] = [helped.exec(line), typed.exec(line)]
    if (helpLine) help = helpLine
    else if (typeLine) {
      family = typeLine[1]!
      if (help?.[1] !== family) fail(line, 'a type without its help before it')
      if (families.has(family)) fail(line, 'a family for the second time')
      families.set(family, { type: typeLine[2]!, help: help![2]!, series: [] })
    } else {
      const sample = sampled.exec(line) ?? fail(line, 'no sample')
      const [, name = '', labelText = '', valueText = ''] = sample
      const { type, series } = families.get(family) ?? fail(line, 'a sample without a family')
      const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
      if (!suffixes.some((suffix) => name === family + suffix))
        fail(line, `a sample that is not of ${family}`)
      const value = valueText === '+Inf' ? Infinity : Number(valueText)
      if (Number.isNaN(value)) fail(line, 'no number')
      if (type === 'counter' && !(value >= 0 && name.endsWith('_total'))) fail(line, 'no counter')
      const labels = labelsOf(labelText, (why) => fail(line, why))
      const key = `${name}${JSON.stringify(sorted(labels))}`
      if (seen.has(key)) fail(line, 'a series for the second time')
      seen.add(key)
      series.push({ name, labels, value })
    }
  }
  for (const [name, { type, series }] of families)
    if (type === 'histogram') checkHistogram(name, series)
  return families
}

function labelsOf(text: string, fail: (why: string) => never): Record<string, string> {
  const labels: Record<string, string> = {}
  labelled.lastIndex = 0
  while (labelled.lastIndex < text.length) {
    const at = labelled.lastIndex
    const match = labelled.exec(text)
    if (!match) return fail(`no label at ${text.slice(at)}`)
    if (Object.hasOwn(labels, match[1]!)) return fail('a label for the second time')
    labels[match[1]!] = unescaped(match[2]!)
  }
  return labels
}

const sorted = (labels: Series['labels']) =>
  Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))

function checkHistogram(name: string, series: readonly Series[]): void {
  const groups = Map.groupBy(series, ({ labels }) =>
    JSON.stringify(sorted(labels).filter(([label]) => label !== 'le')),
  )
  for (const [of, group] of groups) {
    const buckets = group.filter((each) => each.name === `${name}_bucket`)
    const [bounds, counts] = [
      buckets.map(({ labels }) => (labels['le'] === '+Inf' ? Infinity : Number(labels['le']))),
      buckets.map(({ value }) => value),
    ]
    const goesUp = (numbers: readonly number[], strictly: boolean) =>
      numbers.every((each, at) => at === 0 || each > numbers[at - 1]! - (strictly ? 0 : 1))
    const count = group.find((each) => each.name === `${name}_count`)?.value
    if (
      !goesUp(bounds, true) ||
      !goesUp(counts, false) ||
      bounds.at(-1) !== Infinity ||
      counts.at(-1) !== count ||
      !group.some((each) => each.name === `${name}_sum`)
    )
      throw new Error(`${name} ${of} is no histogram: ${JSON.stringify(group)}`)
  }
}
