import { parseArgs } from 'node:util'
import { attackAt } from './attack.ts'
import { exchange } from './exchange.ts'
import { fuzz } from './fuzz.ts'
import { startAttacked } from './service.ts'

/**
 * `npm run fuzz -- --requests N --seed N [--from INDEX] [--url URL]`: hostile connections against a service, which is started
 * unless its URL is given. Exits with 1 when the service did anything wrong. `--only INDEX` shows one of them, and what came back.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
    url: { type: 'string' },
  },
})
const service = values.url
  ? {
      url: values.url,
      sockets: () => undefined,
      lastWords: () => undefined,
      stop: () => Promise.resolve(),
    }
  : await startAttacked()
const seed = Number(values.seed)

if (values.only !== undefined) {
  const attack = attackAt(seed, Number(values.only))
  console.log(attack.behaviour)
  console.log(JSON.stringify(attack.bytes.toString('latin1').slice(0, 4_000)))
  const { got, ended } = await exchange(attack, service.url)
  console.log(ended ? 'closed after' : 'left open after', JSON.stringify(got.toString('latin1')))
}
const [from, requests] =
  values.only === undefined
    ? [Number(values.from), Number(values.requests)]
    : [Number(values.only), 1]
const { findings, answers, rss, sockets } = await fuzz(service, {
  seed,
  requests,
  from,
  progress: (done) => process.stderr.isTTY && process.stderr.write(`\r${done} of ${requests}`),
})
await service.stop()
const megabytes = rss.map((bytes) => `${(bytes / 1_048_576).toFixed(1)} MB`)
console.log(`\n${requests} hostile connections, seed ${seed}, from ${from}`)
console.log('answers', answers)
console.log(
  `resident memory ${megabytes.join(' → ')}; sockets ${sockets.map((n) => n ?? '?').join(' → ')}`,
)
for (const finding of findings) console.log(`FINDING ${finding}`)
console.log(findings.length === 0 ? 'nothing found' : `${findings.length} findings`)
process.exitCode = findings.length === 0 ? 0 : 1
