import { compile, tracer, type SignIn } from '../../../engine/index.ts'
import type { Contestant } from '../contestant.ts'

/** What Portcullis runs. */
export const compiled: Contestant = {
  name: 'compiled',
  prepare: (deciding) => ({
    answers: 'at once',
    adapt: (signIn) => signIn,
    decide: compile(deciding),
  }),
}

/** The index at every size, also where looking at every rule is quicker: so that growth can be told from choice. */
export const byIndex: Contestant = {
  name: 'index only',
  prepare: (deciding) => ({
    answers: 'at once',
    adapt: (signIn) => signIn,
    decide: compile(deciding, 'index'),
  }),
}

/** The same with what json-rules-engine tells of every rule, whether it applies or not. */
export const traced: Contestant = {
  name: 'compiled, full trace',
  prepare: (deciding) => {
    const trace = tracer(deciding)
    return {
      answers: 'at once',
      adapt: (signIn) => signIn,
      decide: (signIn: SignIn) => trace(signIn).decision,
    }
  },
}
