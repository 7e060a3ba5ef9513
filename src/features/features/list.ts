import { saidOf } from '#domain/features/definition'
import { command, Failure } from '#tool'
import { definitionsOf, PICK, STORE } from './common.ts'

export default command({
  name: 'vanta-features list',
  summary: 'The features that are defined, one JSON object each: of which view and value, which aggregate, over which window, how long good.',
  options: { definitions: STORE.definitions, ...PICK },
  examples: ['vanta-features list | wc -l', { run: 'vanta-features list --features no_such_one', note: 'there is no such feature', status: 2 }],
  act({ definitions, features: names }, operands, world) {
    if (operands.length > 0) throw new Failure('usage', `unexpected word "${operands[0]}"`)
    const { views, features } = definitionsOf({ definitions, store: undefined }, world, names)
    for (const feature of features.values()) {
      const view = views.get(feature.view)
      world.print(JSON.stringify({ name: feature.name, ...saidOf(feature), kind: view?.kind, entity: view?.entity.join('.') }))
    }
  },
})
