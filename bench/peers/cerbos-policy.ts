import type { Deciding, Rule } from '../../engine/index.ts'
import { cerbosActions, cerbosKind, requirementAction, signInAction } from '../load/cerbos.ts'
import { celOf } from './cel.ts'

/**
 * A resource policy that decides as these rules do: the action `sign_in` is denied where a rule blocks or challenges, and
 * each requirement is an action that is allowed where it is demanded, and denied where a rule blocks. Shared conditions are
 * variables, rules keep their names. Throws where CEL can not say what they say.
 */
export function cerbosPolicy({ rules, conditions }: Deciding): object {
  const local = Object.fromEntries(
    Object.entries(conditions).map(([name, condition]) => [name, celOf(condition)]),
  )
  return {
    apiVersion: 'api.cerbos.dev/v1',
    resourcePolicy: {
      version: 'default',
      resource: cerbosKind,
      variables: { local },
      rules: [
        { actions: [signInAction], roles: ['*'], effect: 'EFFECT_ALLOW' },
        ...rules.flatMap(rulesOf),
      ],
    },
  }
}

function rulesOf({ name, conditions, event }: Rule): readonly object[] {
  const when = { roles: ['*'], condition: { match: { expr: celOf(conditions) } } }
  switch (event.type) {
    case 'block':
      return [{ name, actions: cerbosActions, effect: 'EFFECT_DENY', ...when }]
    case 'challenge':
      return [
        { name, actions: [signInAction], effect: 'EFFECT_DENY', ...when },
        {
          name: `${name}-demands`,
          actions: [requirementAction(event.params.requirement)],
          effect: 'EFFECT_ALLOW',
          ...when,
        },
      ]
    case 'advise':
      return []
  }
}
