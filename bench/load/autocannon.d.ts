/** What the bench uses of autocannon 9, which ships no types. */
declare module 'autocannon' {
  export type Request = {
    method: 'POST'
    path: string
    headers: Record<string, string>
    body: string
    onResponse: (status: number, body: string) => void
  }
  export type Options = {
    url: string
    connections: number
    /** Seconds; it ends at the first multiple of `sampleInt` (milliseconds) after them. */
    duration: number
    sampleInt?: number
    /** Seconds, at least 1; a client's own `timeout` may be less. */
    timeout?: number
    overallRate?: number
    ignoreCoordinatedOmission?: boolean
    verifyBody?: (body: string) => boolean
    requests: Request[]
    setupClient?: (client: Client) => void
  }
  /** One connection. What is not about requests is internal to autocannon; the tests hold it to that. */
  export type Client = {
    setRequests: (requests: Request[]) => void
    /** Milliseconds. */
    timeout: number
    reqsMade: number
    /** It ends when it has made so many requests, after the last is answered. */
    responseMax?: number
    /** What it believes to be under way. It is not cleared when a connection is lost. */
    pipelinedRequests: { clear: () => void }
    on: ((event: 'request' | 'timeout' | 'done', listener: () => void) => void) &
      ((
        event: 'response',
        listener: (status: number, bytes: number, milliseconds: number) => void,
      ) => void) &
      ((event: 'connError', listener: (error: Error & { code?: string }) => void) => void)
  }
  export type Result = {
    errors: number
    timeouts: number
    mismatches: number
    non2xx: number
    duration: number
    /** Milliseconds. */
    latency: { p50: number; p99: number; p99_9: number; totalCount: number }
    requests: { total: number }
  }
  export type Run = Promise<Result> & {
    stop: () => void
    on(
      event: 'response',
      listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void,
    ): void
  }
  export default function autocannon(options: Options): Run
}
