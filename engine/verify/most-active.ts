/** Variables by how much conflicts were about them lately, the most active first: a binary heap with places to find them by. */
export function mostActive() {
  const activities: number[] = [0]
  const places: number[] = [absent]
  const heap: number[] = []
  let step = 1

  return { include, insert, take, touch, decay }

  /** From now on the variable is one of them. */
  function include(variable: number): void {
    while (places.length <= variable) {
      places.push(notIncluded)
      activities.push(0)
    }
    places[variable] = absent
    insert(variable)
  }

  function insert(variable: number): void {
    if (places[variable] !== absent) return
    places[variable] = heap.length
    heap.push(variable)
    up(heap.length - 1)
  }

  function take(): number | undefined {
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined) return undefined
    places[top] = absent
    if (heap.length > 0) {
      heap[0] = last
      places[last] = 0
      down(0)
    }
    return top
  }

  function touch(variable: number): void {
    const place = places[variable] ?? notIncluded
    if (place === notIncluded) return
    activities[variable]! += step
    if (place !== absent) up(place)
  }

  /** What was touched before counts a little less. */
  function decay(): void {
    step /= 0.95
    if (step < 1e100) return
    for (let variable = 1; variable < activities.length; variable++) activities[variable]! *= 1e-100
    step *= 1e-100
  }

  function up(from: number): void {
    const variable = heap[from]!
    let at = from
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (activities[heap[parent]!]! >= activities[variable]!) break
      put(at, heap[parent]!)
      at = parent
    }
    put(at, variable)
  }

  function down(from: number): void {
    const variable = heap[from]!
    let at = from
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      const right = child + 1
      if (right < heap.length && activities[heap[right]!]! > activities[heap[child]!]!)
        child = right
      if (activities[heap[child]!]! <= activities[variable]!) break
      put(at, heap[child]!)
      at = child
    }
    put(at, variable)
  }

  function put(place: number, variable: number): void {
    heap[place] = variable
    places[variable] = place
  }
}

const absent = -1
const notIncluded = -2
