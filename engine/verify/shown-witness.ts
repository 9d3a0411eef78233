import { factTable } from '../custom-facts.ts'
import type { Decision } from '../decision.ts'
import type { SignIn } from '../facts.ts'
import type { FactValue } from '../kinds.ts'
import type { Pack } from '../pack.ts'
import { replaying, type Replayed } from './replay.ts'
import { factShower, type ShownFact } from './shown-fact.ts'
import type { Witness } from './witness.ts'

/** A sign-in that shows something, by what is remarkable about it. Values are shown as callers send them. */
export type ShownWitness = {
  /** Where it is not as the ordinary sign-in: no sign-in that does so deviates in fewer facts. */
  readonly deviations: readonly (ShownFact & { readonly ordinary: FactValue })[]
  /** What makes it so. With these facts, and any other facts, a sign-in does so. */
  readonly forcing: readonly ShownFact[]
  readonly decision: Pick<Decision, 'outcome' | 'requirements' | 'reasons'>
  /** All of it, ready to be asked about. */
  readonly signIn: Replayed['sent']
}

/** Shows sign-ins that the prover found, once they are decided as it says: `must` throws where they are not. */
export function witnessShower(pack: Pick<Pack, 'ruleSet' | 'called'>, ordinary: SignIn) {
  const { replay } = replaying(pack)
  const { shown, deviation } = factShower(pack, factTable(pack.ruleSet.customFacts), ordinary)
  return async (
    { signIn, deviations, forcing }: Witness,
    must: (signIn: SignIn, decision: Decision) => void,
  ): Promise<ShownWitness> => {
    const { sent, decision } = await replay(signIn)
    must(signIn, decision)
    const { outcome, requirements, reasons } = decision
    return {
      deviations: deviations.map((fact) => deviation(fact, signIn)),
      forcing: forcing.map((fact) => shown(fact, signIn)),
      decision: { outcome, requirements, reasons },
      signIn: sent,
    }
  }
}
