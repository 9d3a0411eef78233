import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { fileSink as openFileSink, type FileOptions, type Files } from './file-sink.ts'
import type { Sink } from './sink.ts'
import { stdoutSink } from './stdout-sink.ts'

const folders: string[] = []
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-log-'))
  folders.push(folder)
  return folder
}
const line = (name: string | number, length = 40) => `{"n":"${name}"${' '.repeat(length)}}\n`
const options: FileOptions = { maxBytes: 0, keep: 3, fsync: 'interval', tell: () => undefined }

/** It is closed after the test. */
async function fileSink(...given: Parameters<typeof openFileSink>): Promise<Sink> {
  const sink = await openFileSink(...given)
  closing.push(() => sink.close().catch(() => undefined))
  return sink
}

/** A sink, and the text that whoever reads it has got. */
type Made = { readonly sink: Sink; readonly text: () => Promise<string> }

const sinks: Readonly<Record<string, () => Promise<Made>>> = {
  async 'a file'() {
    const path = join(newFolder(), 'log')
    return { sink: await fileSink(path, options), text: async () => readFileSync(path, 'utf8') }
  },
  async 'a file that answers wait for'() {
    const path = join(newFolder(), 'log')
    const sink = await fileSink(path, { ...options, fsync: 'answer' })
    return { sink, text: async () => readFileSync(path, 'utf8') }
  },
  async 'stdout that is a file'() {
    const path = join(newFolder(), 'out')
    const fd = openSync(path, 'w')
    closing.push(() => closeSync(fd))
    return { sink: stdoutSink(fd), text: async () => readFileSync(path, 'utf8') }
  },
  async 'stdout that is a pipe'() {
    const { fd, text } = await pipe()
    return { sink: stdoutSink(fd), text }
  },
}

/** A pipe to a program that keeps what it reads. */
async function pipe(reader = 'cat'): Promise<{ fd: number; text: () => Promise<string> }> {
  const folder = newFolder()
  const fifo = join(folder, 'pipe')
  const copy = join(folder, 'copy')
  const child = spawn(
    'sh',
    ['-c', `mkfifo ${fifo}; echo made; exec ${reader} < ${fifo} > ${copy}`],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  const over = new Promise((resolve) => child.once('close', resolve))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  const { fd } = await fs.open(fifo, 'w').then(keep)
  closing.push(() => child.kill('SIGKILL'))
  const text = async () => {
    closeSync(fd)
    await over
    return readFileSync(copy, 'utf8')
  }
  return { fd, text }
}
const handles: fs.FileHandle[] = [] // else the garbage collector closes what they stand for
const keep = (handle: fs.FileHandle) => {
  handles.push(handle)
  return handle
}

describe.each(Object.entries(sinks))('%s', (_, make) => {
  test('has all lines that it took, in order', async () => {
    const { sink, text } = await make()
    const pieces = Array.from({ length: 50 }, (_, n) => line(n, n * 97) + line(`${n}b`))
    for (const piece of pieces)
      expect(await sink.append(Buffer.from(piece))).toEqual({ taken: piece.length })
    await sink.sync()
    await sink.close()
    expect(await text()).toBe(pieces.join(''))
  })

  test('is not harmed by being closed twice, or synced when empty', async () => {
    const { sink, text } = await make()
    await sink.sync()
    await sink.close()
    await sink.close()
    expect(await text()).toBe('')
  })
})

/** A file system of which some calls go wrong. */
type Fault = (call: string, count: number) => Error | number | undefined
const faulty = (fault: Fault): Files => {
  const counts = new Map<string, number>()
  const next = (call: string) => {
    const count = (counts.get(call) ?? 0) + 1
    counts.set(call, count)
    const wrong = fault(call, count)
    if (wrong instanceof Error) throw wrong
    return wrong
  }
  const handle = (real: fs.FileHandle) =>
    new Proxy(real, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          const most = next(String(name))
          if (most !== undefined) args[2] = Math.min(args[2] as number, most) // a short write
          return (member as (...args: unknown[]) => unknown).apply(target, args)
        }
      },
    })
  return {
    ...fs,
    open: async (...args) => {
      next('open')
      return handle(await fs.open(...args))
    },
    rename: async (...args) => {
      next('rename')
      return fs.rename(...args)
    },
    stat: (async (path: string) => {
      next('stat')
      return fs.stat(path)
    }) as typeof fs.stat,
  }
}
const noSpace = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })

/** Appends each line until it is taken, as the writer does. */
async function appendAll(sink: Sink, lines: readonly string[]): Promise<readonly Error[]> {
  const errors: Error[] = []
  for (let rest = Buffer.from(lines.join('')); rest.length > 0;) {
    const { taken, error } = await sink.append(rest)
    if (error) errors.push(error)
    expect(taken === 0 || rest[taken - 1] === 0x0a).toBe(true)
    rest = rest.subarray(taken)
    expect(errors.length).toBeLessThan(100)
  }
  return errors
}

describe('a file whose file system fails', () => {
  const lines = Array.from({ length: 20 }, (_, n) => line(n))
  const whole = lines.join('')
  const sinkWith = async (fault: Fault, more: Partial<FileOptions> = {}) => {
    const path = join(newFolder(), 'log')
    return { path, sink: await fileSink(path, { ...options, files: faulty(fault), ...more }) }
  }
  const faults: Readonly<
    Record<string, { fault: Fault; more?: Partial<FileOptions>; text?: RegExp }>
  > = {
    'writes come short': { fault: (call) => (call === 'write' ? 33 : undefined) },
    'a disk is full within a line': {
      fault: (call, count) => (call === 'write' ? (count % 3 === 0 ? noSpace : 33) : undefined),
    },
    'a disk is full within a line, and does not let it be taken back': {
      fault: (call, count) =>
        call === 'truncate' || (call === 'write' && count === 3)
          ? noSpace
          : call === 'write' && count < 3
            ? 33
            : undefined,
      text: /^(?:\{[^\n]*\}\n)+\{[^\n}]*\n(?:\{[^\n]*\}\n)+$/,
    },
    'a write says it wrote nothing': {
      fault: (call, count) => (call === 'write' && count === 1 ? 0 : undefined),
    },
    'a sync fails once': {
      fault: (call, count) => (call === 'datasync' && count === 1 ? noSpace : undefined),
      more: { fsync: 'answer' },
    },
    'a file is not to be seen for a while': {
      fault: (call, count) => (call === 'stat' && count > 2 && count < 9 ? noSpace : undefined),
    },
  }
  test.each(Object.entries(faults))(
    'has each line once when %s',
    async (_, { fault, more, text }) => {
      const { path, sink } = await sinkWith(fault, more)
      for (const each of [lines.slice(0, 7), lines.slice(7)]) await appendAll(sink, each)
      await sink.close()
      const written = readFileSync(path, 'utf8')
      if (text) expect(written).toMatch(text)
      const wholeLines = written.split('\n').filter((each) => each.endsWith('}'))
      expect(`${wholeLines.join('\n')}\n`).toBe(whole)
      if (!text) expect(written).toBe(whole)
    },
  )

  test('takes nothing that the disk did not take, where answers wait for it', async () => {
    const { path, sink } = await sinkWith((call) => (call === 'datasync' ? noSpace : undefined), {
      fsync: 'answer',
    })
    expect(await sink.append(Buffer.from(whole))).toEqual({ taken: 0, error: noSpace })
    expect(readFileSync(path, 'utf8')).toBe('')
  })

  test('that can not be rotated grows on, and says so', async () => {
    const told: string[] = []
    const { path, sink } = await sinkWith((call) => (call === 'rename' ? noSpace : undefined), {
      maxBytes: 200,
      tell: (text) => void told.push(text),
    })
    for (const each of lines) await appendAll(sink, [each])
    expect(readFileSync(path, 'utf8')).toBe(whole)
    expect(told).toEqual([`${path} can't be rotated, so it grows on: ${noSpace.message}`])
  })
})

describe('a file that others touch', () => {
  const start = async (more: Partial<FileOptions> = {}, before?: string) => {
    const folder = newFolder()
    const path = join(folder, 'log')
    if (before !== undefined) await fs.writeFile(path, before)
    const told: string[] = []
    const sink = await fileSink(path, { ...options, tell: (text) => void told.push(text), ...more })
    const read = (ending = '') => readFileSync(`${path}${ending}`, 'utf8')
    const add = async (...names: (string | number)[]) => {
      for (const name of names) await appendAll(sink, [line(name)])
    }
    return { folder, path, sink, told, read, add }
  }

  test('is opened again when it was moved, and nothing is lost', async () => {
    const { path, read, add } = await start()
    await add(1)
    await fs.rename(path, `${path}.old`)
    await add(2, 3)
    expect(read('.old') + read()).toBe(line(1) + line(2) + line(3))
    expect(read()).toBe(line(3))
  })

  test('is made again when it was removed, and what was just written is written again', async () => {
    const { path, read, add } = await start()
    await add(1)
    await fs.unlink(path)
    await add(2, 3)
    expect(read()).toBe(line(2) + line(3))
  })

  test('is written on from the start when it was cut (copytruncate)', async () => {
    const { path, read, add } = await start()
    await add(1, 2)
    await fs.truncate(path)
    await add(3)
    expect(read()).toBe(line(3))
  })

  test('whose folder is gone takes nothing until it is back', async () => {
    const { folder, path, sink, read, add } = await start()
    await add(1)
    await fs.rename(folder, `${folder}-gone`)
    folders.push(`${folder}-gone`)
    await add(2) // into the file that it has open
    expect(await sink.append(Buffer.from(line(3)))).toMatchObject({
      taken: 0,
      error: { code: 'ENOENT' },
    })
    await fs.mkdir(folder)
    await add(3)
    expect(read()).toBe(line(3))
    expect(readFileSync(path.replace(folder, `${folder}-gone`), 'utf8')).toBe(line(1) + line(2))
  })

  test('that ends within a line is written on after it', async () => {
    const { told, path, read, add } = await start({}, `${line(1)}{"n":`)
    expect(told).toEqual([
      `${path} ends within a line, of which the rest was lost; entries go on after it`,
    ])
    await add(2)
    expect(read()).toBe(`${line(1)}{"n":\n${line(2)}`)
  })

  test('is rotated by size; so many are kept, packed ones too', async () => {
    const { folder, path, read, add } = await start({ maxBytes: 2 * line(1).length, keep: 3 })
    await add(1, 2, 3, 4, 5)
    expect([read('.2'), read('.1'), read()]).toEqual([
      line(1) + line(2),
      line(3) + line(4),
      line(5),
    ])
    await fs.rename(`${path}.2`, `${path}.2.gz`)
    await add(6, 7, 8, 9)
    expect(readdirSync(folder).sort()).toEqual(['log', 'log.1', 'log.2', 'log.3'])
    expect([read('.3'), read('.2'), read('.1'), read()]).toEqual([
      line(3) + line(4),
      line(5) + line(6),
      line(7) + line(8),
      line(9),
    ])
  })

  test('is rotated into a number that is free, without moving what is older', async () => {
    const { folder, path, read, add } = await start({ maxBytes: line(1).length, keep: 9 })
    await fs.writeFile(`${path}.2.gz`, 'packed')
    await fs.writeFile(`${path}.4`, 'older')
    await fs.writeFile(`${path}.bak`, 'not ours')
    await add(1, 2, 3)
    expect(readdirSync(folder).sort()).toEqual([
      'log',
      'log.1',
      'log.2',
      'log.3.gz',
      'log.4',
      'log.bak',
    ])
    expect([read('.4'), read('.bak')]).toEqual(['older', 'not ours'])
  })

  test('can be read by its owner alone', async () => {
    const { path, add } = await start()
    await add(1)
    expect((await fs.stat(path)).mode & 0o777).toBe(0o600)
  })

  test.each(['a folder', 'no folder'])('is refused when there is %s in its place', async (what) => {
    const folder = newFolder()
    const path = what === 'a folder' ? folder : join(folder, 'missing', 'log')
    await expect(fileSink(path, options)).rejects.toThrow(/expected a file|ENOENT/)
  })
})

describe('standard output', () => {
  test('that is a pipe nobody reads any more takes nothing, and says so', async () => {
    const { fd } = await pipe('true')
    const sink = stdoutSink(fd)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await sink.append(Buffer.from(line(1)))).toMatchObject({
      taken: 0,
      error: { code: 'EPIPE' },
    })
    await sink.close()
  })

  test('that is a pipe whose reader sleeps does not hold up the thread', async () => {
    const { fd } = await pipe('sleep 60')
    const sink = stdoutSink(fd)
    let isOver = false
    void sink.append(Buffer.alloc(1_000_000, line(1))).then(() => (isOver = true))
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(isOver).toBe(false)
    await sink.close()
  })

  test('that is a full device takes nothing', async () => {
    const fd = openSync('/dev/full', 'w')
    closing.push(() => closeSync(fd))
    expect(await stdoutSink(fd).append(Buffer.from(line(1)))).toMatchObject({
      taken: 0,
      error: { code: 'ENOSPC' },
    })
  })
})
