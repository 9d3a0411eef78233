// Long tables can be searched, and each sorted by the buttons in its head. Without it they say the same in their order of work.
const numberOf = (text) => (/^-?[\d,.]+$/.test(text) ? Number(text.replaceAll(',', '')) : undefined)
for (const section of document.querySelectorAll('.long')) {
  const body = section.querySelector('tbody')
  const rows = [...body.rows]
  const label = document.createElement('label')
  label.className = 'search'
  label.textContent = 'Search'
  const input = document.createElement('input')
  input.type = 'search'
  const found = document.createElement('output')
  label.append(input)
  section.querySelector('.scroll').before(label)
  label.after(found)
  found.className = 'readout'
  const texts = rows.map((row) => row.textContent.toLowerCase())
  input.addEventListener('input', () => {
    const wanted = input.value.trim().toLowerCase()
    let shown = 0
    for (const [at, row] of rows.entries()) {
      row.hidden = !texts[at].includes(wanted)
      if (!row.hidden) shown++
    }
    found.textContent = wanted === '' ? '' : `${shown} of ${rows.length}`
  })
  for (const [column, head] of [...section.querySelectorAll('thead th')].entries()) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = head.textContent
    head.replaceChildren(button)
    button.addEventListener('click', () => {
      const isUp = head.getAttribute('aria-sort') === 'descending'
      for (const other of section.querySelectorAll('thead th')) other.removeAttribute('aria-sort')
      head.setAttribute('aria-sort', isUp ? 'ascending' : 'descending')
      const keys = new Map(rows.map((row) => [row, row.cells[column].textContent]))
      const compare = (a, b) => {
        const [one, two] = [keys.get(a), keys.get(b)]
        const [first, second] = [numberOf(one), numberOf(two)]
        return first !== undefined && second !== undefined ? first - second : one.localeCompare(two)
      }
      const sorted = rows.toSorted((a, b) => (isUp ? compare(a, b) : compare(b, a)))
      body.append(...sorted)
    })
  }
}
