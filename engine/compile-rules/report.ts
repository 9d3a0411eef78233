import { faultText, show, type Fault } from '../fault.ts'

export type Reason = { readonly expected: string; readonly hint: string }

/** Notes a fault. It returns nothing, so that a reader can return what it returns. */
export type Report = (reason: Reason, pointer: string, got: unknown) => undefined

export function reporter(faults: Fault[]): Report {
  return (reason, pointer, got) => {
    faults.push({ pointer, expected: reason.expected, got: show(got), hint: reason.hint })
  }
}

/** The rules were not compiled; `faults` says where and why, all at once. */
export class RefusedRules extends Error {
  override readonly name = 'RefusedRules'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(faults.map(faultText).join('\n'))
    this.faults = faults
  }
}
