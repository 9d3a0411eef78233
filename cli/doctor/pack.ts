import { faultText, parsePack, selfTest, unprovedFault } from '../../engine/index.ts'
import {
  flagOf,
  proofTimer,
  prove,
  unattestedText,
  type Gate,
  type SettingName,
} from '../../server/index.ts'
import { expired, findingText } from '../check.ts'
import { plural, UsageError, type Io } from '../io.ts'
import { packSource } from '../load-pack.ts'
import { ok, problem, warning, type Found } from './found.ts'

/** Whether a pack that a setting names would be taken by `serve`; what a candidate promises is proved later, when it is to decide. */
export function lookAtPack(name: string, setting: SettingName, io: Io, gate?: Gate): Found {
  const advice = `portcullis check ${name} shows everything`
  try {
    const source = packSource(name)
    const pack = parsePack(source)
    if (pack.faults)
      return problem(`the pack ${name} has ${plural(pack.faults.length, 'fault')}`, advice)
    const [first, ...others] = selfTest(pack, 'quick')
    if (first)
      return problem(
        `the pack ${name} fails its own test: ${findingText(first, { ...io, terminal: false }).trim()}${others.length > 0 ? `, and ${others.length} more` : ''}`,
        advice,
      )
    const proving = gate && prove(pack, source.attestation, gate, proofTimer(gate))
    if (proving && 'unattested' in proving)
      return problem(
        `${name}: ${unattestedText(proving.unattested)}`,
        `portcullis attest ${name} makes an attestation`,
      )
    const [open, ...more] = proving?.unproved ?? []
    if (open)
      return (gate?.proof === 'required' ? problem : warning)(
        `the pack ${name} promises what is not proved of it: ${faultText(unprovedFault(open))}${more.length > 0 ? `, and ${more.length} more` : ''}`,
        'mend its rules, or what they promise',
      )
    const [old] = expired(pack, io)
    const { rules, revision } = pack.ruleSet
    return old
      ? warning(old, 'look at it again, and give it a later date or take it out')
      : ok(`${name}: ${plural(rules.length, 'rule')}, ${revision.slice(0, 19)}`)
  } catch (error) {
    const said = error instanceof UsageError || (error instanceof Error && 'code' in error)
    if (!said) throw error
    return problem((error as Error).message, `say another with ${flagOf(setting)}`)
  }
}
