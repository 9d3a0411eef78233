/** Asked for in a way that can't be done: the text says what was expected and what came. Nothing was measured. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
}
