import { createHash } from 'node:crypto'
import type { Context } from 'hono'

/** A page for people: one file that works without a network. */
export type Page = { readonly html: string; readonly policy: string }

const style = `:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .4rem .8rem .4rem 0; vertical-align: top; border-bottom: 1px solid #8884 }
code { font-family: ui-monospace, monospace; font-size: .9em }`

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
/** Nothing may be loaded, run, framed or sent. */
const strict = `default-src 'none'; style-src ${hashOf(style)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** A page of this title with this inside, which has been escaped. */
export const page = (title: string, inside: string): Page => ({
  html: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)} – Portcullis</title>
<style>${style}</style>
<h1>${escaped(title)}</h1>
${inside}
</html>
`,
  policy: strict,
})

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** `code` as HTML shows it. */
export const marked = (text: string): string =>
  escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')

/** Headers of a page. What is shown depends on who asks. */
export const pageHeaders = ({ policy }: Pick<Page, 'policy'>): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
})

/** What a caller would rather have: a browser a page, a program JSON if it says so, and all others text. */
export function preferred(c: Context): 'html' | 'json' | 'text' {
  const accept = c.req.header('accept') ?? ''
  if (/\btext\/html\b/i.test(accept)) return 'html'
  return /\bapplication\/(?:json|problem\+json)\b/i.test(accept) ? 'json' : 'text'
}
