import type { Start } from './messages.ts'
import { shadowing } from './thread.ts'

/** For tests: a thread that fails as it is told by a word in a sign-in. */
export default function shadowOrFail(start: Start): Promise<void> {
  return shadowing(start, ({ body }) => {
    if (body.includes('#exits')) process.exit(7)
    if (body.includes('#hangs')) for (;;);
    if (body.includes('#lags')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  })
}
