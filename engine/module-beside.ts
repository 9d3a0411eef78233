/**
 * A module beside the one that asks (`import.meta.url`), as it is there: TypeScript among the sources, JavaScript where they are
 * built. For threads and processes, whose modules no import names; `name` has no extension.
 */
export const moduleBeside = (asker: string, name: string): URL =>
  new URL(`${name}${asker.endsWith('.ts') ? '.ts' : '.js'}`, asker)
