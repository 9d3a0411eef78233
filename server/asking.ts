/** One sign-in, or many at once. */
export const askings = ['single', 'batch'] as const
export type Asking = (typeof askings)[number]

/** Which of them is asked at a URL; anything else counts as a single. */
export const askingOf = (url: string): Asking =>
  url.split('?', 1)[0]!.endsWith('/batch') ? 'batch' : 'single'
