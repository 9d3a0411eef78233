import type { Protocol } from './protocol.ts'

/** No decision point: a server that sends back what it is sent, as JSON that was parsed and printed. */
export const echo: Protocol = {
  prepare({ name, signIns }) {
    const body = signIns.length === 1 ? signIns[0]! : `[${signIns.join(',')}]`
    const printed = JSON.stringify(JSON.parse(body))
    const wanted = Buffer.from(printed)
    return {
      path: '/v1/decisions',
      headers: { 'content-type': 'application/json' },
      body,
      judge: (status, came) =>
        status === 200 && wanted.equals(came)
          ? 'right'
          : {
              question: name,
              signIn: body,
              expected: printed,
              actual: `${status} ${came.toString()}`,
            },
    }
  },
}
