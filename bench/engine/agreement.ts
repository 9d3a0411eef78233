import { isDeepStrictEqual } from 'node:util'
import type { SignIn } from '../../engine/index.ts'
import type { Prepared } from './contestant.ts'

/** Throws, and shows the sign-in and both answers, where a contestant decides otherwise than the first one. */
export async function agree(
  name: string,
  prepared: Prepared,
  first: Prepared,
  signIns: readonly SignIn[],
): Promise<void> {
  for (const signIn of signIns) {
    const wanted = await first.decide(first.adapt(signIn))
    const came = await prepared.decide(prepared.adapt(signIn))
    if (!isDeepStrictEqual(came, wanted))
      throw new Error(
        [
          `${name} decides otherwise:`,
          `  the sign-in  ${JSON.stringify(signIn)}`,
          `  expected     ${JSON.stringify(wanted)}`,
          `  ${name.padEnd(11)}  ${JSON.stringify(came)}`,
        ].join('\n'),
      )
  }
}
