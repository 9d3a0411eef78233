/**
 * Place of the next bracket, brace, colon or comma of a JSON text that stands outside its strings, from `at` on, which must
 * itself be outside one; -1 when there is none, -2 when a string does not end. One pass, without parsing: for what
 * parsing loses, or is not safe to do yet.
 */
export function nextStructural(text: string, at: number): number {
  for (let place = at; place < text.length; place++) {
    switch (text.charCodeAt(place)) {
      case quote:
        place = endOfString(text, place)
        if (place < 0) return -2
        break
      case 0x5b: // [
      case 0x5d: // ]
      case 0x7b: // {
      case 0x7d: // }
      case colon:
      case 0x2c: // ,
        return place
    }
  }
  return -1
}

export const colon = 0x3a
const quote = 0x22
const backslash = 0x5c

/** Place of the quote that ends the string begun at `start`, or -1. */
function endOfString(text: string, start: number): number {
  for (let place = start + 1; place < text.length; place++) {
    const char = text.charCodeAt(place)
    if (char === quote) return place
    if (char === backslash) place++
  }
  return -1
}
