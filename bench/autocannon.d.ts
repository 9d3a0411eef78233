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
    duration: number
    requests: Request[]
  }
  export type Result = { errors: number; timeouts: number; non2xx: number; duration: number }
  export type Run = Promise<Result> & {
    on(
      event: 'response',
      listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void,
    ): void
  }
  export default function autocannon(options: Options): Run
}
