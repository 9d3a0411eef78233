/** What one check found, and unless all is well, what to do. */
export type Found =
  | { readonly state: 'ok'; readonly found: string }
  | { readonly state: 'warning' | 'problem'; readonly found: string; readonly advice: string }

export const ok = (found: string): Found => ({ state: 'ok', found })
export const warning = (found: string, advice: string): Found => ({
  state: 'warning',
  found,
  advice,
})
export const problem = (found: string, advice: string): Found => ({
  state: 'problem',
  found,
  advice,
})
