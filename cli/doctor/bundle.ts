import { KeyError, readPublicKeys } from '../../bundle/index.ts'
import { flagOf, NoBundle, StateUnusable, wouldStartBy, type Settings } from '../../server/index.ts'
import type { Io } from '../io.ts'
import { ok, problem, warning, type Found } from './found.ts'

/** Whether the service would start by its bundle: one that is a file is opened and tried, for one at a URL nobody is asked. */
export async function lookAtBundle(settings: Settings, io: Io): Promise<Found> {
  const { bundle, bundleKey } = settings
  if (bundle === undefined) return ok('none is pulled')
  try {
    const signers = readPublicKeys(bundleKey).map(({ id }) => id)
    const by = await wouldStartBy(settings, io.env)
    if (by?.instead)
      return warning(
        `${bundle}: ${by.instead.failed}: ${by.instead.detail}; it would start by the one that was kept`,
        `portcullis bundle verify ${bundle} shows what is wrong`,
      )
    const signed = `signed by ${signers.join(' or ')}`
    return ok(by ? `${bundle}, ${signed}` : `${signed}; ${bundle} was not asked`)
  } catch (error) {
    if (error instanceof KeyError)
      return problem(
        `${flagOf('bundleKey')}: ${error.message}`,
        'give the .pub file that portcullis bundle keygen made',
      )
    if (error instanceof NoBundle || error instanceof StateUnusable)
      return problem(error.message, 'serve does not start by it: publish one that can be taken')
    throw error
  }
}
