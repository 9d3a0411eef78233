import type { FactTable, SignIn } from '../facts.ts'
import { printValue, type FactValue } from '../kinds.ts'
import type { Pack } from '../pack.ts'

/** What a sign-in says of a fact, as a caller sends it. */
export type ShownFact = {
  readonly fact: string
  readonly value: FactValue
  /** Names of the ids among the values. */
  readonly called?: readonly string[]
}

/** Shows facts of a sign-in that the prover found, and what they are in the ordinary one. */
export function factShower(
  { called }: Pick<Pack, 'called'>,
  table: FactTable,
  ordinary: SignIn,
): {
  readonly shown: (fact: string, signIn: SignIn) => ShownFact
  readonly deviation: (fact: string, signIn: SignIn) => ShownFact & { readonly ordinary: FactValue }
} {
  const deviation = (fact: string, signIn: SignIn) => ({
    ...shown(fact, signIn),
    ordinary: print(fact, ordinary),
  })
  return { shown, deviation }

  function shown(fact: string, signIn: SignIn): ShownFact {
    const value = print(fact, signIn)
    const names = namesOf(fact, value)
    return { fact, value, ...(names.length > 0 && { called: names }) }
  }

  function print(fact: string, signIn: SignIn): FactValue {
    const value = (signIn as Readonly<Record<string, FactValue>>)[fact]!
    return printValue(table[fact]!.kind, value)
  }

  /** Names of ids: as the lists of the pack call them, else as callers may. */
  function namesOf(fact: string, value: FactValue): readonly string[] {
    const { kind } = table[fact]!
    if (kind.kind !== 'id' && kind.kind !== 'ids') return []
    const names = Object.entries(kind.form.names ?? {})
    return [value].flat().flatMap((id) => {
      if (typeof id !== 'string') return []
      return called.get(id) ?? names.find(([, each]) => each === id)?.[0] ?? []
    })
  }
}
