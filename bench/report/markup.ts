import { plain } from './plain.ts'

/** HTML, SVG or XML that is safe to write. Only `markup` makes it. */
export type Markup = { readonly markup: string }
export type Piece = Markup | string | number | false | undefined | readonly Piece[]

/**
 * HTML, SVG or XML: what is put into the template is escaped, for text and for quoted attributes alike, unless it is markup
 * itself. Lists are joined; `false` and `undefined` are left out.
 */
export const markup = (texts: TemplateStringsArray, ...values: readonly Piece[]): Markup => ({
  markup: String.raw({ raw: texts }, ...values.map(written)),
})

const written = (value: Piece): string =>
  value === undefined || value === false
    ? ''
    : typeof value === 'string'
      ? escaped(value)
      : typeof value === 'number'
        ? String(value)
        : 'markup' in value
          ? value.markup
          : value.map(written).join('')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string) => plain(text).replace(/[&<>"']/g, (sign) => entities[sign]!)
