/** Made-up observations of two entities, late ones, corrected ones and empty ones among them, and features of every aggregate over them. */
import fc from 'fast-check'
import { AGGREGATES, readDefinitions, type Definitions } from '#domain/features/definition'
import type { Observation } from '#domain/features/observe'

export const definitions: Definitions = readDefinitions({
  views: { v: { kind: 'bar', values: { x: 'close', y: 'open' } } },
  features: Object.fromEntries([
    ...AGGREGATES.map((aggregate) => [`${aggregate}_short`, { view: 'v', value: 'x', aggregate, window: '7ms' }]),
    ...AGGREGATES.map((aggregate) => [`${aggregate}_long`, { view: 'v', value: 'y', aggregate, window: '40ms' }]),
    ['last_ever', { view: 'v', value: 'x', aggregate: 'last', ttl: '5ms' }],
  ]),
})
export const features = [...definitions.features.values()], COLUMNS = ['x', 'y']
const number = fc.oneof(fc.constant(NaN), fc.integer({ min: -9, max: 9 }).map((n) => n / 7))

/** One record says one thing: what it says follows from its id. */
export const observations = fc.array(fc.record({
  entity: fc.constantFrom('a', 'b'), eventMs: fc.integer({ min: 0, max: 60 }), lateMs: fc.integer({ min: -3, max: 30 }), key: fc.constantFrom('k', 'l'), x: number, y: number,
}), { maxLength: 40 }).map((all) => all.map(({ entity, eventMs, lateMs, key, x, y }, i): Observation => (
  { view: 'v', entity, eventMs, knownMs: eventMs + lateMs, key, id: String(1000 + i), values: [x, y] })))
