import type { Controlled } from './control.ts'
import { problem } from './problems.ts'

/** What became of a command, as whoever asked for it over HTTP is told. */
export function controlledResponse(controlled: Controlled): Response {
  if ('told' in controlled)
    return new Response(JSON.stringify(controlled.told), {
      headers: { 'content-type': 'application/json' },
    })
  const { problem: name, detail, faults } = controlled
  return problem(name, detail, faults && { faults: faults.slice(0, mostFaults) })
}

const mostFaults = 100
