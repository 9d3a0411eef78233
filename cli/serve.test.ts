import { execFile } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'

/** The exit code of the service, which does not come to run, and what it says. */
const serve = (flags: readonly string[], before = '') =>
  new Promise<{ code: unknown; err: string }>((resolve) => {
    const planted = ['--import', `data:text/javascript,${encodeURIComponent(before)}`]
    const args = [...planted, join(import.meta.dirname, 'main.js'), 'serve', '--threads', '1']
    execFile(process.execPath, [...args, ...flags], (error, _, err) =>
      resolve({ code: error?.code, err }),
    )
  })

test.each(['1', '2'])('with --listeners %s a taken port is said, and ends with 2', async (n) => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  const { code, err } = await serve(['--port', String(port), '--listeners', n])
  taken.close()
  expect(err).toContain(`127.0.0.1:${port} is taken`)
  expect(code).toBe(2)
})

test('where threads can not share a port it is said, and ends with 2', async () => {
  const unable = `
    import { Server } from 'node:net'
    const { listen } = Server.prototype
    Server.prototype.listen = function (options, ...rest) {
      if (!options.reusePort) return listen.call(this, options, ...rest)
      const error = Object.assign(new Error('listen ENOTSUP'), { code: 'ENOTSUP' })
      process.nextTick(() => this.emit('error', error))
      return this
    }`
  const { code, err } = await serve(['--port', '0', '--listeners', '2'], unable)
  expect(err).toContain("--listeners 2: this system can't share a port")
  expect(code).toBe(2)
})
