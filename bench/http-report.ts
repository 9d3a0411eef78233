import type { HttpResult } from './http.ts'
import { rounded, table } from './table.ts'

/** What the HTTP bench found, for reading. */
export function httpReport(http: HttpResult): string {
  const { connections, seconds, latencyUs } = http
  return [
    `Over HTTP, closed loop, ${connections} connections, ${seconds} s, generator on the same cores`,
    table([
      ['requests', rounded(http.requests)],
      ['requests a second', rounded(http.perSecond)],
      ['latency p50 µs', rounded(latencyUs.p50)],
      ['latency p99 µs', rounded(latencyUs.p99)],
      ['latency p99.9 µs', rounded(latencyUs.p999)],
      ['latency most µs', rounded(latencyUs.max)],
      ['CPU of the service µs a request', rounded(http.serverCpuUs)],
      ['CPU of the generator µs a request', rounded(http.generatorCpuUs)],
      ['failed', rounded(http.errors)],
      ['wrong answers', rounded(http.wrong.length)],
    ]),
  ].join('\n\n')
}
