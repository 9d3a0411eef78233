import type { Deciding, Decision, SignIn } from '../../engine/index.ts'

/** One way of deciding sign-ins by the same rules. */
export type Contestant = {
  readonly name: string
  /** Whatever an engine does once for its rules. Throws where its language can not say what they say. */
  readonly prepare: (deciding: Deciding) => Prepared | Promise<Prepared>
}

/** Ready to decide. Who answers at once is never awaited, so as not to be charged for it. */
export type Prepared = Adapting & (Synchronous | Asynchronous)

type Adapting = {
  /** The sign-in in the form that the engine likes best; never timed. */
  adapt(this: void, signIn: SignIn): unknown
}
export type Synchronous = {
  readonly answers: 'at once'
  decide(this: void, input: unknown): Decision
}
export type Asynchronous = {
  readonly answers: 'later'
  decide(this: void, input: unknown): Promise<Decision>
}
