/** What came over a connection as the answer to one request. */
export type HttpAnswer = {
  readonly status: number
  readonly body: Buffer
  /** Whether the connection may be used again. */
  readonly keepAlive: boolean
}

type Head = {
  readonly status: number
  /** Bytes of the body; missing when it is chunked. */
  readonly length?: number
  readonly keepAlive: boolean
}

const mostHeadBytes = 65_536
const mostBodyBytes = 268_435_456
const empty = Buffer.alloc(0)

/**
 * Reads HTTP/1.1 answers, one after the other, out of what a socket brings; bodies have a length or come in chunks. Takes
 * nothing that HTTP does not allow: it returns what was wrong, and the connection is of no more use.
 */
export function answerReader(
  onAnswer: (answer: HttpAnswer) => void,
): (part: Buffer) => string | undefined {
  let pending: Buffer = empty
  let head: Head | undefined
  let body: Buffer[] = []
  let missing = 0
  const chunks = chunkReader()

  const finish = (status: number, whole: Buffer, keepAlive: boolean) => {
    head = undefined
    body = []
    onAnswer({ status, body: whole, keepAlive })
  }

  return (part) => {
    let data = pending.length === 0 ? part : Buffer.concat([pending, part])
    pending = empty
    while (data.length > 0) {
      if (head === undefined) {
        const end = data.indexOf('\r\n\r\n')
        if (end < 0) {
          if (data.length > mostHeadBytes) return `headers of more than ${mostHeadBytes} bytes`
          if (!couldBeHead(data)) return `no HTTP/1.1 answer: ${shown(data)}`
          pending = data
          return undefined
        }
        const read = readHead(data.toString('latin1', 0, end))
        if (typeof read === 'string') return read
        data = data.subarray(end + 4)
        if (read.status < 200) continue // says that the answer is still to come
        head = read
        missing = read.length ?? 0
        if (read.length === undefined) chunks.start()
        else if (data.length >= missing) {
          const whole = data.subarray(0, missing)
          data = data.subarray(missing)
          finish(read.status, whole, read.keepAlive)
        }
        continue
      }
      if (head.length === undefined) {
        const read = chunks.read(data)
        if (typeof read === 'string') return read
        data = data.subarray(read.used)
        if (read.whole) finish(head.status, read.whole, head.keepAlive)
      } else {
        const taken = data.subarray(0, missing)
        body.push(taken)
        missing -= taken.length
        data = data.subarray(taken.length)
        if (missing === 0) finish(head.status, Buffer.concat(body), head.keepAlive)
      }
    }
    return undefined
  }
}

const couldBeHead = (data: Buffer): boolean => 'HTTP/1.'.startsWith(data.toString('latin1', 0, 7))

const shown = (data: Buffer): string => JSON.stringify(data.toString('latin1', 0, 60))

/** Heads are the same for a second or so, until the date changes. */
const known = new Map<string, Head | string>()
const mostKnown = 256

function readHead(text: string): Head | string {
  const before = known.get(text)
  if (before !== undefined) return before
  if (known.size >= mostKnown) known.clear()
  const read = parseHead(text)
  known.set(text, read)
  return read
}

const header = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/

function parseHead(text: string): Head | string {
  const [first = '', ...lines] = text.split('\r\n')
  const [, version, code] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: .*)?$/.exec(first) ?? []
  if (code === undefined) return `no HTTP/1.1 answer: ${JSON.stringify(first.slice(0, 60))}`
  const status = Number(code)
  let length: number | undefined
  let chunked = false
  let keepAlive = version === '1'
  for (const line of lines) {
    const [, name, value] = header.exec(line) ?? []
    if (name === undefined || value === undefined)
      return `no header: ${JSON.stringify(line.slice(0, 60))}`
    switch (name.toLowerCase()) {
      case 'content-length': {
        const bytes = /^\d{1,10}$/.test(value) ? Number(value) : Infinity
        if (bytes > mostBodyBytes || (length !== undefined && length !== bytes))
          return `content-length ${value.slice(0, 60)}`
        length = bytes
        break
      }
      case 'transfer-encoding':
        if (value.toLowerCase() !== 'chunked') return `transfer-encoding ${value.slice(0, 60)}`
        chunked = true
        break
      case 'connection':
        if (/\bclose\b/i.test(value)) keepAlive = false
        break
      default:
    }
  }
  if (chunked && length !== undefined) return 'both content-length and transfer-encoding'
  if (status < 200)
    return status === 101 ? 'a change of protocol' : { status, length: 0, keepAlive }
  if (status === 204 || status === 304) return { status, length: 0, keepAlive }
  if (chunked) return { status, keepAlive }
  return length === undefined
    ? 'neither content-length nor transfer-encoding'
    : { status, length, keepAlive }
}

/** Puts chunks together; `read` says how many bytes it took, and gives the whole when the last chunk was among them. */
function chunkReader() {
  let state: 'size' | 'data' | 'data-end' | 'trailer' = 'size'
  let line = ''
  let missing = 0
  let total = 0
  let parts: Buffer[] = []

  return {
    start() {
      state = 'size'
      line = ''
      total = 0
      parts = []
    },
    read(data: Buffer): { readonly used: number; readonly whole?: Buffer } | string {
      let at = 0
      while (at < data.length) {
        if (state === 'data') {
          const part = data.subarray(at, at + missing)
          parts.push(part)
          at += part.length
          missing -= part.length
          if (missing === 0) state = 'data-end'
          continue
        }
        const end = data.indexOf(10, at)
        line += data.toString('latin1', at, end < 0 ? data.length : end + 1)
        if (line.length > 1_024) return 'a chunk without a size'
        if (end < 0) return { used: data.length }
        at = end + 1
        const text = line
        line = ''
        if (!text.endsWith('\r\n')) return `a line without its end: ${JSON.stringify(text)}`
        if (state === 'size') {
          const size = /^([\da-f]{1,7})(?:[ \t]*;.*)?\r\n$/i.exec(text)?.[1]
          if (size === undefined) return `no size of a chunk: ${JSON.stringify(text.slice(0, 60))}`
          missing = Number.parseInt(size, 16)
          total += missing
          if (total > mostBodyBytes) return `a body of more than ${mostBodyBytes} bytes`
          state = missing === 0 ? 'trailer' : 'data'
        } else if (state === 'data-end') {
          if (text !== '\r\n') return 'a chunk that is longer than its size'
          state = 'size'
        } else if (text === '\r\n') {
          const [only] = parts
          return { used: at, whole: only && parts.length === 1 ? only : Buffer.concat(parts) }
        }
      }
      return { used: at }
    },
  }
}
