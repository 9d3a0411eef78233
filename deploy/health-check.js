// For images without curl: ends with 0 if the service in this container is ready, else with 1. It goes by the service's variables
// PORTCULLIS_PORT, PORTCULLIS_HOST, PORTCULLIS_SOCKET and PORTCULLIS_TLS_CERT, and shows no token: health wants none.
import { request as plain } from 'node:http'
import { request as secure } from 'node:https'

const { PORTCULLIS_PORT, PORTCULLIS_HOST, PORTCULLIS_SOCKET, PORTCULLIS_TLS_CERT } = process.env
const everywhere = { '0.0.0.0': '127.0.0.1', '::': '::1' }
const host = PORTCULLIS_HOST || '127.0.0.1'
const request = PORTCULLIS_TLS_CERT ? secure : plain

const answer = new Promise((resolve, reject) => {
  request({
    ...(PORTCULLIS_SOCKET
      ? { socketPath: PORTCULLIS_SOCKET }
      : { host: everywhere[host] ?? host, port: PORTCULLIS_PORT || 8181 }),
    path: '/readyz',
    headers: { host: 'localhost' },
    // It is this container that is asked, and nothing is told to it: the certificate is for the names by which others ask.
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(2_000),
  })
    .on('response', resolve)
    .on('error', reject)
    .end()
})
try {
  const { statusCode } = await answer
  console.log(`/readyz: ${statusCode}`)
  process.exit(statusCode === 200 ? 0 : 1)
} catch (error) {
  console.log(`/readyz: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
