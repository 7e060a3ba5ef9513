/** Messages of a socket in batches: kept and parsed together, told at least every so often even when the market is silent. */
import type { Millis } from '#record'
import type { Heard } from '#port/outside'

/** A batch is not held longer for more. */
const MOST_BYTES = 1 << 20

/** `pause` resolves after so long, or throws where the run is to stop. */
export async function* batches(
  messages: AsyncIterable<Heard>, everyMs: Millis, { pause }: { pause(ms: Millis): Promise<void> },
): AsyncGenerator<readonly Heard[]> {
  const iterator = messages[Symbol.asyncIterator]()
  let batch: Heard[] = [], size = 0
  let last: Heard | undefined, over: Promise<'over'> | undefined
  let next = iterator.next()
  try {
    for (;;) {
      if (batch.length > 0) over ??= pause(everyMs).then(() => 'over' as const)
      const first = await (over === undefined ? next : Promise.race([next, over]))
      const isDone = first !== 'over' && first.done === true
      if (first !== 'over' && first.done !== true) {
        last = first.value
        batch.push(last)
        size += last.bytes.length
        next = iterator.next()
      }
      if (batch.length > 0 && (first === 'over' || isDone || size >= MOST_BYTES)) {
        over = undefined
        yield batch
        batch = []
        size = 0
      }
      if (isDone) return
    }
  } finally {
    // Else the return would wait behind the message that is waited for.
    last?.close()
    await iterator.return?.()
  }
}
