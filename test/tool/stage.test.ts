import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { make, KINDS, type Vanta } from '#record'
import { chain, type Running } from '#tool/stage'

const instant = '2021-01-04T14:30:00.000Z'
const tick = (n: number): Vanta => make('control', { at: instant, known_at: instant, source: `s${n}`, by: 't/1', type: 'tick' })
const all = new Set(KINDS)

/** Emits each record twice, at once or after some turns of the event loop. */
const doubling = (turns: () => number): Running => ({
  reads: all,
  hear: () => undefined,
  stage: {
    each(record, emit) {
      const wait = turns()
      const work = async (): Promise<void> => {
        for (let i = 0; i < wait; i++) await null
        emit(record)
        await null
        emit(record)
      }
      if (wait === 0) {
        emit(record)
        emit(record)
      } else return work()
    },
    end: (emit) => emit(tick(-1)),
  },
})

test('asynchronous stages keep the order that synchronous ones give', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 30 }), fc.integer({ min: 1, max: 6 }), async (waits, count) => {
    const records = Array.from({ length: count }, (_, i) => tick(i))
    const run = async (turns: () => number): Promise<string[]> => {
      const out: string[] = []
      const stages = chain([doubling(turns), doubling(turns), doubling(turns)], (record) => out.push(record.source))
      for (const record of records) await stages.push(record)
      await stages.end()
      return out
    }
    let next = 0
    assert.deepEqual(await run(() => waits[next++ % Math.max(1, waits.length)] ?? 0), await run(() => 0))
  }))
})

test('records a stage does not read pass by it in their place', async () => {
  const out: string[] = []
  const slow: Running = { reads: new Set(['signal']), hear: () => undefined, stage: { each: async (record, emit) => { await null; emit(record) } } }
  const signal = make('signal', { at: instant, known_at: instant, source: 'first', by: 't/1', type: 'x', key: 'k' })
  const stages = chain([doubling(() => 0), slow], (record) => out.push(record.source))
  await stages.push(signal)
  await stages.push(tick(2))
  assert.deepEqual(out, ['first', 'first', 's2', 's2'])
})

test('a stage that fails ends the run with its error', async () => {
  const broken: Running = { reads: all, hear: () => undefined, stage: { each: async () => { await null; throw new Error('broken') } } }
  await assert.rejects(async () => chain([doubling(() => 0), broken], () => undefined).push(tick(1)), /broken/)
})
