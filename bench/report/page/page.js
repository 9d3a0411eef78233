// Read-outs: the values next to the pointer, or one after the other with the arrow keys. Without it the tables say the same.
const charts = document.querySelectorAll('.chart:has(.said)')
const [first] = charts
for (const chart of charts) {
  const readout = document.createElement('p')
  readout.className = 'readout'
  readout.setAttribute('aria-live', 'polite')
  if (chart === first)
    readout.textContent = 'Point at the chart, or focus it and press ← or →, for values.'
  chart.after(readout)
  chart.tabIndex = 0

  const marker = document.createElementNS('http://www.w3.org/2000/svg', 'circle')
  marker.setAttribute('r', '6')
  marker.setAttribute('class', 'pointer')

  const panelsOf = (svg) =>
    [...svg.querySelectorAll('.said')].map((group) => ({
      area: group.dataset.area.split(' ').map(Number),
      points: JSON.parse(group.dataset.points),
    }))
  const known = new Map()
  const shown = () => {
    const svg = [...chart.querySelectorAll('svg')].find((each) => each.getClientRects().length > 0)
    if (!known.has(svg)) known.set(svg, panelsOf(svg))
    return { svg, panels: known.get(svg) }
  }

  let [panelAt, pointAt] = [0, -1]
  const show = (svg, [x, y, text]) => {
    marker.setAttribute('cx', x)
    marker.setAttribute('cy', y)
    svg.append(marker)
    readout.textContent = text
  }

  chart.addEventListener('pointermove', (event) => {
    const { svg, panels } = shown()
    const box = svg.getBoundingClientRect()
    const scale = svg.viewBox.baseVal.width / box.width
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale]
    const far = ({ area: [, top, , bottom] }) => Math.max(top - y, y - bottom, 0)
    const panel = panels.reduce((best, each) => (far(each) < far(best) ? each : best))
    const away = ([px, py]) => (px - x) ** 2 + ((py - y) / 4) ** 2
    const point = panel.points.reduce((best, each) => (away(each) < away(best) ? each : best))
    panelAt = panels.indexOf(panel)
    pointAt = panel.points.indexOf(point)
    show(svg, point)
  })
  chart.addEventListener('keydown', (event) => {
    const { svg, panels } = shown()
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[
      event.key
    ]
    const panel = step && panels[panelAt + step[0]]
    if (panel === undefined) return
    if (step[0] !== 0 && panels.length === 1) return
    event.preventDefault()
    panelAt += step[0]
    pointAt = Math.min(Math.max(pointAt + step[1], 0), panel.points.length - 1)
    show(svg, panel.points[pointAt])
  })
}
