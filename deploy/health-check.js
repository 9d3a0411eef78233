// For images without curl: ends with 0 if the service in this container is ready, else with 1. It goes by PORTCULLIS_PORT.
const port = process.env.PORTCULLIS_PORT || '8181'
try {
  const { ok, status } = await fetch(`http://127.0.0.1:${port}/readyz`, {
    signal: AbortSignal.timeout(2_000),
  })
  console.log(`/readyz: ${status}`)
  process.exitCode = ok ? 0 : 1
} catch (error) {
  console.log(`/readyz: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
