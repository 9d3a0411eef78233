import { readFileSync } from 'node:fs'

/** How our pages look, in light and dark, on a desk, a phone and paper. */
export const pageStyles = readFileSync(new URL('page/page.css', import.meta.url), 'utf8')
