import { sizes, type Growth, type Point } from './growth.ts'

const [width, height] = [760, 440]
const plot = { left: 90, top: 30, right: 590, bottom: 380 }
/** All of them readable on white and on GitHub's dark background. */
const [ink, grid] = ['#7d8590', '#7d859055']
const colours = ['#2f81f7', '#db6d28', '#a371f7', '#3fb950', '#f85149', '#d29922']

/** The growth curve as SVG: both axes logarithmic, a line a contestant, its name at the end. */
export function growthChart({ points }: Growth): string {
  const times = points.map(({ us }) => us)
  const [low, high] = [
    Math.floor(Math.log10(Math.min(...times))),
    Math.ceil(Math.log10(Math.max(...times))),
  ]
  const [first, last] = [Math.log10(sizes[0]), Math.log10(sizes.at(-1)!)]
  const x = (size: number) =>
    plot.left + ((Math.log10(size) - first) / (last - first)) * (plot.right - plot.left)
  const y = (us: number) =>
    plot.bottom - ((Math.log10(us) - low) / (high - low)) * (plot.bottom - plot.top)
  const powers = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index))
  const names = [...new Set(points.map(({ name }) => name))]
  const lines = names.map((name) => points.filter((point) => point.name === name))
  const labels = apart(lines.map((line) => y(line.at(-1)!.us)))

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="${ink}" role="img" aria-label="Time of a decision by number of rules">`,
    ...powers.flatMap((us) => [
      `<path d="M${plot.left} ${round(y(us))}H${plot.right}" stroke="${grid}"/>`,
      text(plot.left - 8, y(us) + 4, tick(us), 'end'),
    ]),
    ...sizes.flatMap((size) => [
      `<path d="M${round(x(size))} ${plot.top}V${plot.bottom}" stroke="${grid}"/>`,
      text(x(size), plot.bottom + 20, size.toLocaleString('en'), 'middle'),
    ]),
    text((plot.left + plot.right) / 2, plot.bottom + 45, 'rules', 'middle'),
    text(plot.left, plot.top - 12, 'µs a decision', 'middle'),
    ...lines.flatMap((line, index) =>
      curve(line, colours[index % colours.length]!, labels[index]!),
    ),
    '</svg>\n',
  ].join('\n')

  function curve(line: readonly Point[], colour: string, labelY: number): readonly string[] {
    const end = line.at(-1)!
    const path = line.map(({ size, us }) => `${round(x(size))},${round(y(us))}`)
    return [
      `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...path.map((at) => {
        const [cx, cy] = at.split(',')
        return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`
      }),
      `<text x="${plot.right + 12}" y="${round(labelY + 4)}" fill="${colour}">${end.name}</text>`,
    ]
  }
}

const lineHeight = 17

/** Places for labels as near to those wanted as they can be without lying over each other. */
function apart(wanted: readonly number[]): readonly number[] {
  const places: number[] = []
  let lowest = -Infinity
  for (const [place, index] of wanted
    .map((each, index) => [each, index] as const)
    .sort(([a], [b]) => a - b)) {
    lowest = Math.max(place, lowest + lineHeight)
    places[index] = lowest
  }
  return places
}

const text = (x: number, y: number, words: string, anchor: string) =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${words}</text>`

const round = (value: number) => Number(value.toFixed(1))

const tick = (us: number) => (us < 1 ? String(us) : us.toLocaleString('en'))
