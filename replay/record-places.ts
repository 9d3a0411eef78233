/**
 * Where each record of a log stands first, so that records which are in two files count once. Records are told apart by 53 bits of a hash:
 * among a hundred million, two that differ are taken for one with a probability of half. 16 bytes a record, in a table of open addresses.
 */
export class RecordPlaces {
  #hashes = new Float64Array(1_024)
  #places = new Float64Array(1_024)
  #size = 0
  #repeated = false

  get size(): number {
    return this.#size
  }

  /** Whether any record stood twice. */
  get hasRepeated(): boolean {
    return this.#repeated
  }

  /** `place` is a whole number that grows in the order of the log. */
  add(hash: number, place: number): void {
    if (this.#size * 2 >= this.#hashes.length) this.#grow()
    const at = this.#slot(hash)
    if (this.#hashes[at] === hash) {
      this.#repeated = true
      if (place < this.#places[at]!) this.#places[at] = place
      return
    }
    this.#hashes[at] = hash
    this.#places[at] = place
    this.#size++
  }

  /** Whether this is where the record stands first. */
  isFirst(hash: number, place: number): boolean {
    if (!this.#repeated) return true
    const at = this.#slot(hash)
    return this.#hashes[at] !== hash || this.#places[at] === place
  }

  merge(other: RecordPlaces): void {
    for (const [hash, place] of other.entries()) this.add(hash, place)
    this.#repeated ||= other.#repeated
  }

  *entries(): Generator<readonly [hash: number, place: number]> {
    for (const [at, hash] of this.#hashes.entries()) if (hash !== 0) yield [hash, this.#places[at]!]
  }

  #slot(hash: number): number {
    const mask = this.#hashes.length - 1
    let at = (hash % 0x7fffffff) & mask
    for (let found = this.#hashes[at]!; found !== 0 && found !== hash; found = this.#hashes[at]!)
      at = (at + 1) & mask
    return at
  }

  #grow(): void {
    const [hashes, places] = [this.#hashes, this.#places]
    this.#hashes = new Float64Array(hashes.length * 2)
    this.#places = new Float64Array(hashes.length * 2)
    for (const [from, hash] of hashes.entries()) {
      if (hash === 0) continue
      const to = this.#slot(hash)
      this.#hashes[to] = hash
      this.#places[to] = places[from]!
    }
  }
}

/** 53 bits, never 0. */
export function hashOf(text: string): number {
  let [one, two] = [0x811c9dc5, 0x9747b28c]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    one = Math.imul(one ^ code, 0x01000193)
    two = Math.imul(two ^ code, 0x5bd1e995)
    two ^= two >>> 15
  }
  one = Math.imul(one ^ (one >>> 16), 0x85ebca6b)
  two = Math.imul(two ^ (two >>> 13), 0xc2b2ae35)
  one ^= one >>> 13
  two ^= two >>> 16
  return (one >>> 0) * 0x20_0000 + (two >>> 11) + 1
}
