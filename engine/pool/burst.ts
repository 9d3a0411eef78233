/**
 * How long what waits may wait, as in "Fail at Scale" (controlled delay): as long as a queue was empty within `withinMs`, what
 * waits in it came in a burst, and may wait `factor` times as long as in a queue that stands.
 */
export const burst = { withinMs: 100, factor: 5 } as const
