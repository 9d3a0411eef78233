import * as engine from '../../engine/index.ts'
import type { Deciding, Decision, SignIn } from '../../engine/index.ts'
import type { Contestant } from '../contestant.ts'

/** What Portcullis runs. */
export const compiled: Contestant = {
  name: 'compiled',
  prepare: (deciding) => ({
    answers: 'at once',
    adapt: (signIn) => signIn,
    decide: engine.compile(deciding),
  }),
}

type Tracer = (
  deciding: Deciding,
) => (signIn: SignIn) => { readonly decision: Decision; readonly results: unknown }

/** The same with what json-rules-engine tells of every rule, whether it applies or not. */
export const traced: Contestant = {
  name: 'compiled, full trace',
  prepare: (deciding) => {
    const { tracer } = engine as { readonly tracer?: Tracer }
    if (tracer === undefined) throw new Error('engine/index.ts has no tracer yet')
    const trace = tracer(deciding)
    return {
      answers: 'at once',
      adapt: (signIn) => signIn,
      decide: (signIn: SignIn) => trace(signIn).decision,
    }
  },
}
