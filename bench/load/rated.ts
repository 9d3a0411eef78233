import autocannon from 'autocannon'
import { stubAnswer, stubWorkload } from './stub.ts'

/** What autocannon is to do against a stub, and what it reports; times in milliseconds. */
export type RatedOrder = {
  readonly url: string
  /** As fast as answers come where it is left out. */
  readonly perSecond?: number
  readonly connections: number
  readonly seconds: number
  readonly timeoutMs: number
}
export type RatedReport = {
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly timeouts: number
  readonly mismatches: number
}

process.on('message', (order: RatedOrder) => {
  void report(order).then((said) => process.send?.(said))
})
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => undefined) // a terminal sends it to the whole group; the parent decides

/** autocannon as its users have it: its own rate, its own figures. */
async function report(order: RatedOrder): Promise<RatedReport> {
  const { url, perSecond, connections, seconds, timeoutMs } = order
  const right = stubAnswer('allow')
  const { latency, timeouts, mismatches } = await autocannon({
    url,
    connections,
    duration: seconds,
    timeout: timeoutMs / 1_000,
    ...(perSecond !== undefined && { overallRate: perSecond }),
    verifyBody: (body) => body.slice(-50) === right.slice(-50) && body.includes('"allow"'),
    requests: [
      {
        method: 'POST',
        path: '/v1/decisions',
        headers: { 'content-type': 'application/json' },
        body: stubWorkload(0).questions[0]!.signIns[0]!,
        onResponse: () => undefined,
      },
    ],
  })
  const { p50, p99, p99_9: p999 } = latency
  return { p50, p99, p999, timeouts, mismatches }
}
