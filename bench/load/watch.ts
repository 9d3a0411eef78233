import { monitorEventLoopDelay, performance } from 'node:perf_hooks'

/** What this process used since it was watched. */
export type Used = {
  readonly cpuUs: number
  readonly busy: number
  readonly eventLoopDelayP99Us: number
}

const resolutionMs = 5

/**
 * Watches this process. `spunMs` says for how long it has only been waiting by running around: that time counts neither as
 * busy, nor as the CPU time that its requests cost.
 */
export function watch(spunMs: () => number = () => 0): () => Used {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  const [cpu, startedMs, spunBefore] = [process.cpuUsage(), performance.now(), spunMs()]
  const loop = performance.eventLoopUtilization()
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    const elapsedMs = performance.now() - startedMs
    const { active } = performance.eventLoopUtilization(loop)
    delay.disable()
    const working = Math.max(0, active - (spunMs() - spunBefore))
    return {
      cpuUs: active > 0 ? (user + system) * (working / active) : user + system,
      busy: elapsedMs > 0 ? Math.min(1, working / elapsedMs) : 0,
      eventLoopDelayP99Us:
        delay.count === 0 ? 0 : Math.max(0, delay.percentile(99) / 1_000 - resolutionMs * 1_000),
    }
  }
}
