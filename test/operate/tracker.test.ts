/** Laws of the tracker: what may follow on what, and that memory follows from the log alone. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { after, eventRecord, keptModules, modulesOf, moduleRows, STATES, VERDICTS, type Event, type Tracked } from '#domain/operate/tracker'
import { check, type Control } from '#record'
import { runTool } from '../service/process.ts'

const said = { module: fc.constantFrom('model:a', 'tool:b'), version: fc.constantFrom('1', '2'), who: fc.constant('ann'), notes: fc.constant('') }
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ what: fc.constant('add' as const), ...said }),
  fc.record({ what: fc.constant('review' as const), verdict: fc.constantFrom(...VERDICTS), ...said }),
  fc.record({ what: fc.constant('set' as const), state: fc.constantFrom(...STATES), ...said }),
)
const AT = Date.UTC(2021, 0, 4)

/** All events that may happen, in their order, and where they lead. */
function played(events: readonly Event[]): { readonly taken: Event[]; readonly modules: Map<string, Tracked> } {
  const modules = new Map<string, Tracked>(), taken: Event[] = []
  events.forEach((one, nth) => {
    try {
      modules.set(one.module, after(modules.get(one.module), one, new Date(AT + nth).toISOString()))
      taken.push(one)
    } catch (error) {
      assert.ok(error instanceof RangeError)
    }
  })
  return { taken, modules }
}

test('nothing is live but by an approval of that very version, after which it was not rejected before it went live', () => {
  let live = 0
  fc.assert(fc.property(fc.array(event, { minLength: 40, maxLength: 60 }), (events) => {
    const { taken } = played(events)
    taken.forEach((one, nth) => {
      if (one.what !== 'set' || one.state !== 'live') return
      live++
      const reviews = taken.slice(0, nth).filter((before) => before.what === 'review' && before.module === one.module && before.version === one.version)
      const last = reviews.at(-1)
      assert.equal(last?.what === 'review' ? last.verdict : undefined, 'approve')
    })
  }), { numRuns: 2000 })
  assert.ok(live > 50, `only ${live} went live`)
})

test('the states follow from the log, line by line, and a line that could not have been is named', () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 30 }), (events) => {
    const { taken } = played(events), modules = new Map<string, Tracked>(), records: Control[] = taken.map((one, nth) => {
      const record = eventRecord(one, 'test', AT + nth)
      modules.set(one.module, after(modules.get(one.module), one, record.at))
      assert.ok('record' in check(JSON.parse(JSON.stringify(record))))
      return record
    })
    assert.equal(JSON.stringify(keptModules(modulesOf(records))), JSON.stringify(keptModules(modules)))
    const wild = eventRecord({ what: 'set', module: 'model:never-added', state: 'live', version: '1', who: 'eve', notes: '' }, 'test', AT)
    assert.throws(() => modulesOf([...records, wild]), new RegExp(`line ${records.length + 1}: `))
  }))
})

test('a live module whose version changed is flagged until that version is approved, and one that is not tracked never', () => {
  const base = { module: 'model:a', who: 'ann', notes: '' }
  const events: Event[] = [
    { what: 'add', version: '1', ...base }, { what: 'review', verdict: 'approve', version: '1', ...base },
    { what: 'set', state: 'shadow', version: '1', ...base }, { what: 'set', state: 'live', version: '1', ...base },
  ]
  const flagged = (version: string, more: readonly Event[] = []): boolean | undefined =>
    moduleRows(played([...events, ...more]).modules, new Map([['model:a', version], ['model:b', '1']])).find(({ module }) => module === 'model:a')?.changed
  assert.equal(flagged('1'), false)
  assert.equal(flagged('2'), true)
  assert.equal(flagged('2', [{ what: 'review', verdict: 'reject', version: '2', ...base }]), true)
  assert.equal(flagged('2', [{ what: 'review', verdict: 'approve', version: '2', ...base }]), false)
  assert.deepEqual(moduleRows(new Map(), new Map([['model:b', '1']])).map(({ state, changed }) => [state, changed]), [[null, false]])
})

test('models of the home are found, before those of their name that come with Vanta; a card that cannot be read is one of them', async () => {
  const home = mkdtempSync(join(tmpdir(), 'vanta-tracker-')), own = join(home, 'models')
  mkdirSync(own)
  copyFileSync('models/half_lives.card.json', join(own, 'learned.card.json'))
  copyFileSync('models/half_lives.card.json', join(own, 'swarm.card.json'))
  writeFileSync(join(own, 'torn.card.json'), '{"format":')
  const { out, status, err } = await runTool('vanta-tracker', ['list', '--json'], { VANTA_HOME: home })
  assert.equal(status, 0, err)
  const versions = new Map(out.trim().split('\n').map((line) => JSON.parse(line) as { module: string; version: string }).map(({ module, version }) => [module, version]))
  const half = versions.get('model:half_lives')
  assert.match(half ?? '', /^[0-9a-f]{16}$/)
  assert.deepEqual([versions.get('model:learned'), versions.get('model:swarm')], [half, half])
  assert.match(versions.get('model:torn') ?? '', /^unreadable-[0-9a-f]{16}$/)
  const added = await runTool('vanta-tracker', ['add', 'tool:vanta-decay', '--who', 'ann'], { VANTA_HOME: home })
  assert.equal(added.status, 0, added.err)
  rmSync(home, { recursive: true })
})

test('all that is found is added at once, and once; what waits for a review is listed until it has one, and again once that is old', async () => {
  const home = mkdtempSync(join(tmpdir(), 'vanta-tracker-')), DAY = 86_400_000
  const tracker = async (atMs: number, ...words: string[]): Promise<readonly { readonly module?: string }[]> => {
    const { out, err, status } = await runTool('vanta-tracker', [...words, '--now', new Date(atMs).toISOString()], { VANTA_HOME: home })
    assert.ok(status === 0 || (status === 1 && out === ''), err)
    return out.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { module?: string })
  }
  await tracker(AT, 'add', 'tool:vanta-decay')
  const found = await tracker(AT, 'list', '--json')
  assert.equal((await tracker(AT, 'add', '--all', '--who', 'ann')).length, found.length - 1)
  assert.deepEqual(await tracker(AT, 'add', '--all'), [])
  const due = async (atMs: number, ...words: string[]) => (await tracker(atMs, 'list', '--due', '--json', ...words)).map(({ module }) => module)
  assert.equal((await due(AT)).length, found.length)
  await tracker(AT, 'review', 'tool:vanta-decay', '--verdict', 'reject')
  await tracker(AT, 'set', 'tool:vanta-dedup', 'retired')
  const left = await due(AT + DAY)
  assert.ok(!left.includes('tool:vanta-decay') && !left.includes('tool:vanta-dedup') && left.length === found.length - 2)
  assert.ok(!(await due(AT + 30 * DAY, '--age', '31d')).includes('tool:vanta-decay'))
  assert.ok((await due(AT + 32 * DAY, '--age', '31d')).includes('tool:vanta-decay'))
  for (const wrong of [['add', '--all', 'tool:vanta-decay'], ['add', '--all', '--of-version', '1'], ['list', '--age', '1d']]) {
    assert.equal((await runTool('vanta-tracker', wrong, { VANTA_HOME: home })).status, 2, wrong.join(' '))
  }
  rmSync(home, { recursive: true })
})
