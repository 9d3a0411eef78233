import { readFileSync } from 'node:fs'

/** Resident memory of a process, in bytes, as Linux says; undefined where it is no Linux, or has ended. */
export function residentBytes(pid: number): number | undefined {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return found === undefined ? undefined : Number(found) * 1_024
  } catch {
    return undefined
  }
}

export type Memory = { readonly second: number; readonly rssBytes: number }

/** Looks at it again and again, until it is stopped; seconds are counted from the first look. */
export function watchMemory(
  pid: number,
  everyMs: number,
): { readonly seen: readonly Memory[]; readonly stop: () => void } {
  const seen: Memory[] = []
  const startMs = performance.now()
  const look = () => {
    const rssBytes = residentBytes(pid)
    if (rssBytes !== undefined)
      seen.push({ second: (performance.now() - startMs) / 1_000, rssBytes })
  }
  look()
  const timer = setInterval(look, everyMs)
  return { seen, stop: () => clearInterval(timer) }
}
