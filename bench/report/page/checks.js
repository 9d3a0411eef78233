// Run in the page by html.browser.test.ts: what is wrong with it for somebody who reads it at this size and in these colours.
;(() => {
  const faults = []
  const fault = (text) => faults.push(text)
  const visible = (element) => element.getClientRects().length > 0
  const all = (selector, within = document) =>
    [...within.querySelectorAll(selector)].filter(visible)
  const words = (element) => element.textContent.trim().slice(0, 40)

  // The page as a whole
  const { scrollWidth } = document.documentElement
  if (scrollWidth > innerWidth) fault(`${scrollWidth} px wide, the window ${innerWidth}`)
  if (document.documentElement.lang !== 'en') fault('no language')
  if (document.title === '') fault('no title')
  if (document.querySelectorAll('main').length !== 1) fault('not one main')
  const levels = all('h1, h2, h3, h4').map(({ tagName }) => Number(tagName[1]))
  if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1)
    fault('not one h1 at first')
  levels.forEach((level, at) => {
    if (at > 0 && level > levels[at - 1] + 1) fault(`heading ${at} skips a level`)
  })
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) fault(`two of id ${id}`)
  for (const link of all('a')) {
    const target = link.getAttribute('href')
    if (!target.startsWith('#') || !ids.includes(target.slice(1))) fault(`link to ${target}`)
    if (words(link) === '') fault('link without words')
  }
  for (const region of all('[tabindex]'))
    if (!region.getAttribute('role') || !region.getAttribute('aria-label'))
      fault('focus on something unnamed')
  for (const table of all('table')) {
    if (all('thead th[scope=col]', table).length === 0) fault('table without column headers')
    for (const row of all('tbody tr', table))
      if (all('th[scope=row]', row).length !== 1) fault('table row without header')
  }

  // Charts
  for (const figure of all('figure')) {
    const title = figure.querySelector('h3')?.textContent ?? ''
    const say = (text) => fault(`${title}: ${text}`)
    if (title === '' || !figure.querySelector('figcaption p')?.textContent)
      say('no title or no word on reading it')
    if (!figure.querySelector('details table, a[href^="#"]')) say('no table')
    const [chart] = all('.chart', figure)
    if (chart?.getAttribute('role') !== 'img' || !chart.getAttribute('aria-label')) say('no name')
    const drawn = all('svg', figure)
    if (drawn.length !== 1) say(`${drawn.length} drawings in sight`)
    for (const svg of drawn) {
      const box = svg.getBoundingClientRect()
      if (box.left < 0 || box.right > innerWidth + 0.5 || box.height < 60)
        say('drawing not in sight')
      const scale = box.width / svg.viewBox.baseVal.width
      if (13 * scale < 10) say(`letters of ${(13 * scale).toFixed(1)} px`)
      const texts = all('text', svg).map((text) => ({ text, box: text.getBoundingClientRect() }))
      if (texts.length < 4) say('hardly a label')
      if (!texts.some(({ text }) => text.classList.contains('t-strong'))) say('no axis is named')
      texts.forEach(({ text, box: own }, at) => {
        if (own.left < -0.5 || own.right > innerWidth + 0.5)
          say(`"${words(text)}" leaves the window`)
        if (own.top < box.top - 2 || own.bottom > box.bottom + 2)
          say(`"${words(text)}" leaves the drawing`)
        for (const { text: other, box: its } of texts.slice(at + 1)) {
          const across = Math.min(own.right, its.right) - Math.max(own.left, its.left)
          const down = Math.min(own.bottom, its.bottom) - Math.max(own.top, its.top)
          if (across > 0.5 && down > 3) say(`"${words(text)}" lies over "${words(other)}"`)
        }
      })
      for (const shape of svg.querySelectorAll('path, rect, circle')) {
        const numbers = [...shape.attributes].map(({ value }) => value).join(' ')
        if (/NaN|Infinity|undefined/.test(numbers)) say(`a shape at ${numbers}`)
      }
    }
  }

  // Colours
  const channels = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number)
    return { r, g, b, a }
  }
  const light = ({ r, g, b }) => {
    const [red, green, blue] = [r, g, b]
      .map((each) => each / 255)
      .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const paperOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor)
      if (colour.a === 1) return colour
    }
    return { r: 255, g: 255, b: 255 }
  }
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }
  const seen = new Set()
  const judge = (element, colour, least, what) => {
    const paper = paperOf(element)
    const ratio = contrast(channels(colour), paper)
    const key = `${colour} on ${JSON.stringify(paper)}`
    if (ratio >= least || seen.has(key)) return
    seen.add(key)
    fault(`${what} "${words(element)}" has a contrast of ${ratio.toFixed(2)}: ${key}`)
  }
  for (const element of all('body *')) {
    const style = getComputedStyle(element)
    const own = [...element.childNodes].some(
      (node) => node.nodeType === 3 && node.data.trim() !== '',
    )
    if (element instanceof SVGTextElement) judge(element, style.fill, 4.5, 'label')
    else if (element.matches('.line, .rule, .interval, .cross, .median, .mark'))
      judge(element, style.stroke, 3, 'line')
    else if (own && !(element instanceof SVGElement)) judge(element, style.color, 4.5, 'text')
  }
  return faults
})()
