/** A binary heap: whatever `isBefore` all others is on top. It has to order strictly; what it leaves equal leaves in no order that is promised. */
export class Heap<T> {
  readonly #isBefore: (a: T, b: T) => boolean
  readonly #heap: T[] = []

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore
  }

  get size(): number {
    return this.#heap.length
  }

  get top(): T | undefined {
    return this.#heap[0]
  }

  push(one: T): void {
    const heap = this.#heap
    let place = heap.push(one) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || !this.#isBefore(one, parent)) break
      heap[place] = parent
      place = above
    }
    heap[place] = one
  }

  pop(): T | undefined {
    const heap = this.#heap
    const first = heap[0], last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      const left = heap[below], right = heap[below + 1]
      if (left === undefined) break
      if (right !== undefined && this.#isBefore(right, left)) below++
      const next = heap[below]
      if (next === undefined || !this.#isBefore(next, last)) break
      heap[place] = next
      place = below
    }
    heap[place] = last
    return first
  }
}
