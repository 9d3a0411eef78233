import { describe, expect, test } from 'vitest'
import { parsePack } from '../../engine/index.ts'
import { packFolder, readPack } from '../../rules/index.ts'
import { cerbosProgram, cerbosServer } from './cerbos-server.ts'
import { installed } from './install.ts'
import { startPeers } from './start-peers.ts'

const { name, version } = cerbosProgram
const isThere = installed(cerbosProgram) !== undefined
if (!isThere)
  console.warn(`skipped: ${name} ${version} is brought by the comparison of peers alone`)

describe.skipIf(!isThere)('a Cerbos server with the policy made of a pack', () => {
  test.each(['security-defaults', 'security-defaults-current'])('%s', async (from) => {
    const pack = parsePack(readPack(packFolder(from)!))
    if (pack.faults) throw new Error('the pack has faults')
    const started = await startPeers(
      [cerbosServer('cerbos'), cerbosServer('authzen')],
      { pack, from },
      7,
      { signal: AbortSignal.timeout(50_000), progress: () => undefined },
    )
    for (const each of started) if ('stop' in each) await each.stop()
    const checked = pack.cases.length + 400
    expect(started).toMatchObject([{ checked }, { checked }])
  })
})
