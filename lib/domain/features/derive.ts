/** Records as the observations they are, and those that follow from records before them: what prices did over a month, a quarter, a year. */
import { millisOf, type Vanta } from '#record'
import type { View } from './definition.ts'
import { MomentumFeatures } from './momentum.ts'
import { observationsIn, valuesIn, isOfView, type Observation } from './observe.ts'

export class Deriver {
  readonly #views: readonly View[]
  readonly #derived: readonly View[]
  readonly #momentum = new MomentumFeatures()

  constructor(views: Iterable<View>) {
    this.#views = [...views]
    this.#derived = this.#views.filter(({ derived }) => derived !== undefined)
  }

  /** Whether what it says of a record rests on records before it. */
  get remembers(): boolean {
    return this.#derived.length > 0
  }

  /** Records are to be handed over in the order in which they were known. */
  *observations(record: Vanta): Generator<Observation> {
    yield* observationsIn(record, this.#views)
    if (record.kind !== 'bar' || record.span !== '1d' || this.#derived.length === 0) return
    const momentum = this.#momentum.add(record)
    if (momentum === undefined) return
    for (const view of this.#derived) {
      if (!isOfView(record, view)) continue
      yield {
        view: view.name, entity: record.subject, eventMs: millisOf(record.at), knownMs: millisOf(record.known_at), key: record.basis, id: record.id,
        values: valuesIn({ ...momentum }, view),
      }
    }
  }
}
