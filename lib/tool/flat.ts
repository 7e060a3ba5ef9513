/**
 * Records of iterables, one after another. A record that is at hand costs one promise, not the three that an asynchronous generator needs for
 * each: over a million bars that is a tenth of the time.
 */
import type { Vanta } from '#record'

const DONE = { done: true, value: undefined } as const

export function flattened(chunks: AsyncGenerator<Iterable<Vanta>>): AsyncIterableIterator<Vanta> {
  let current: Iterator<Vanta> | undefined
  async function next(): Promise<IteratorResult<Vanta>> {
    for (;;) {
      const chunk = await chunks.next()
      if (chunk.done === true) return DONE
      const iterator = chunk.value[Symbol.iterator]()
      const first = iterator.next()
      if (first.done === true) continue
      current = iterator
      return first
    }
  }
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next() {
      const record = current?.next()
      if (record !== undefined && record.done !== true) return Promise.resolve(record)
      current = undefined
      return next()
    },
    async return() {
      current?.return?.()
      await chunks.return(undefined)
      return DONE
    },
  }
}
