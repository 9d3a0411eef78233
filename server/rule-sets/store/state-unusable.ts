/** The state folder can't be used as it is; the message says what to do. */
export class StateUnusable extends Error {
  override readonly name = 'StateUnusable'
}
