import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { faultText, parsePack } from '../engine/index.ts'
import { packFolder, readPack } from '../rules/index.ts'
import { benchEngine } from './engine.ts'
import { benchHttp } from './http.ts'

const whole = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 3_600)
    throw new Error(`expected a whole number from 1 to 3600, got ${text}`)
  return value
}

const program = new Command('bench')
  .description(
    'Measures deciding in process, and the service over loopback; every answer is checked.',
  )
  .option('--pack <name>', 'a built-in pack', 'security-defaults')
  .option('--seconds <n>', 'length of the measured run over HTTP', whole, 10)
  .option('--connections <n>', 'connections kept busy', whole, 64)
  .option('--json', 'print JSON')
  .parse()
const {
  pack: name,
  seconds,
  connections,
  json,
} = program.opts<{ pack: string; seconds: number; connections: number; json?: boolean }>()

const folder = packFolder(name)
const pack = folder === undefined ? undefined : parsePack(readPack(folder))
if (pack === undefined || pack.faults) {
  console.error(pack ? pack.faults.map(faultText).join('\n') : `no pack ${JSON.stringify(name)}`)
  process.exit(2)
}

const engine = await benchEngine(pack)
const http = await benchHttp(pack, { seconds, connections })
const machine = {
  cores: availableParallelism(),
  node: process.version,
  pack: name,
  revision: pack.ruleSet.revision,
}

if (json) console.log(JSON.stringify({ machine, engine, http }, null, 2))
else {
  const us = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} µs`
  const { latencyUs } = http
  console.log(`${name}, ${machine.cores} cores, Node.js ${machine.node}

In process, a decision (medians)
  compiled            ${us(engine.compiledUs)}
  json-rules-engine   ${us(engine.interpretedUs)}, ${engine.ratio.toFixed(0)} times as long, with an engine made for each decision
  parsing before it   ${us(engine.parsedUs)}

Over HTTP, closed loop, ${http.connections} connections, ${http.seconds} s, generator on the same cores
  requests            ${http.requests}, ${http.perSecond.toFixed(0)} a second
  latency             p50 ${us(latencyUs.p50)}, p99 ${us(latencyUs.p99)}, p99.9 ${us(latencyUs.p999)}, most ${us(latencyUs.max)}
  CPU per request     service ${us(http.serverCpuUs)}, generator ${us(http.generatorCpuUs)}
  failed              ${http.errors}
  wrong answers       ${http.wrong.length}`)
}
for (const each of http.wrong) console.error(`wrong: ${each}`)
process.exit(http.wrong.length + http.errors > 0 ? 1 : 0)
