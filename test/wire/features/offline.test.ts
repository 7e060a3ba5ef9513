/** A store of features on a disk: what was added is there, whole, for several writers, through compaction and over new columns. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileObjects } from '#adapter/file/objects'
import { objectOnline } from '#adapter/file/online'
import type { Observation } from '#domain/features/observe'
import { rowsOf } from '#domain/features/rows'
import { readTail, textOfTail } from '#domain/features/tail'
import { timelinesOf, type Timeline } from '#domain/features/timeline'
import { OfflineStore } from '#wire/features/offline'

const JANUARY = Date.UTC(2021, 0, 15), FEBRUARY = Date.UTC(2021, 1, 15)
const said = (entity: string, eventMs: number, x: number, id: string): Observation => ({ view: 'v', entity, eventMs, knownMs: eventMs + 5, key: 'k', id, values: [x, -x] })
const folder = (): string => mkdtempSync(join(tmpdir(), 'vanta-offline-'))
const X = new Set(['x', 'y'])

async function held(store: OfflineStore): Promise<unknown> {
  const parts = await store.load(await store.manifest(), 'v', X, -Infinity, Infinity)
  return [...timelinesOf(parts)].map(([entity, { eventMs, untilMs, values }]) => [entity, [...eventMs], [...untilMs], [...(values.get('x') ?? [])]]).sort()
}

test('writers at the same time lose nothing of one another, and compaction changes nothing but the files', async () => {
  const place = folder(), store = new OfflineStore(fileObjects(place))
  await Promise.all([0, 1, 2, 3, 4].map((nth) => new OfflineStore(fileObjects(place)).add(new Map([
    ['v', rowsOf([said(`e${nth}`, JANUARY, nth, `j${nth}`), said('all', FEBRUARY + (nth % 2), nth, `f${nth}`)], ['x'])],
  ]))))
  const manifest = await store.manifest(), before = await held(store)
  assert.equal(manifest.version, 5)
  assert.equal(manifest.files.reduce((sum, { rows }) => sum + rows, 0), 10)
  const done = await store.compact(Date.now() + 3_600_001, 3_600_000)
  assert.deepEqual([done.partitions, done.files], [2, 10])
  assert.deepEqual(await held(store), before)
  assert.deepEqual(readdirSync(join(place, 'v', 'month=2021-01')).length, 1)
  rmSync(place, { recursive: true })
})

test('a writer that stood still while all was compacted is not overlooked', async () => {
  const place = folder(), objects = fileObjects(place), store = new OfflineStore(objects)
  await store.add(new Map([['v', rowsOf([said('a', JANUARY, 1, '1')], ['x'])]]))
  let isFirst = true
  const slow = new OfflineStore({
    ...objects,
    async create(name, content) {
      if (isFirst) {
        isFirst = false
        for (const nth of [2, 3, 4]) await store.add(new Map([['v', rowsOf([said('a', JANUARY + nth, nth, `${nth}`)], ['x'])]]))
        // Long after, but for the file that it has written and not named yet.
        const [{ name: own = '' } = {}] = (await objects.list('v/month=2021-02/'))
        const content = await objects.read(own) ?? Buffer.alloc(0)
        assert.ok((await store.compact(Date.now() + 2, 0)).removed > 0)
        await objects.write(own, content)
      }
      return objects.create(name, content)
    },
  })
  await slow.add(new Map([['v', rowsOf([said('late', FEBRUARY, 9, 'late')], ['x'])]]))
  assert.deepEqual(await held(store), [
    ['a', [JANUARY, JANUARY + 2, JANUARY + 3, JANUARY + 4], [Infinity, Infinity, Infinity, Infinity], [1, 2, 3, 4]], ['late', [FEBRUARY], [Infinity], [9]],
  ])
  assert.equal((await store.compact(Date.now() + 2, 0)).removed > 0, true)
  assert.equal((await store.compact(Date.now() + 2, 0)).removed, 0)
  rmSync(place, { recursive: true })
})

test('files of before a column was there are read with those of after; one that was changed or taken away is named', async () => {
  const place = folder(), store = new OfflineStore(fileObjects(place))
  await store.add(new Map([['v', rowsOf([said('a', JANUARY, 1, '1')], ['x'])]]))
  await store.add(new Map([['v', rowsOf([said('a', JANUARY + 1, 2, '2')], ['x', 'y'])]]))
  const [timeline] = [...timelinesOf(await store.load(await store.manifest(), 'v', X, -Infinity, Infinity)).values()]
  assert.deepEqual([[...(timeline?.values.get('x') ?? [])], [...(timeline?.values.get('y') ?? [])]], [[1, 2], [NaN, -2]])
  const [first] = (await store.manifest()).files
  writeFileSync(join(place, first?.name ?? ''), 'something else')
  await assert.rejects(store.load(await store.manifest(), 'v', X, -Infinity, Infinity), /it is not what was written$/)
  rmSync(join(place, first?.name ?? ''))
  await assert.rejects(store.load(await store.manifest(), 'v', X, -Infinity, Infinity), /the manifest names it, but it is not there$/)
  rmSync(place, { recursive: true })
})

test('where a file that counts is missing, compaction removes none that seems not to', async () => {
  const place = folder(), store = new OfflineStore(fileObjects(place))
  assert.deepEqual(await store.compact(Date.now(), 0), { partitions: 0, files: 0, removed: 0 })
  await store.add(new Map([['v', rowsOf([said('a', JANUARY, 1, '1')], ['x'])]]))
  const [file] = (await store.manifest()).files, path = join(place, file?.name ?? ''), elsewhere = join(place, 'v/month=2021-01', `${'0'.repeat(32)}.parquet`)
  renameSync(path, elsewhere)
  await assert.rejects(store.compact(Date.now() + 2, 0), { exit: 'data', message: /is not there: nothing was removed$/ })
  renameSync(elsewhere, path)
  assert.equal((await store.compact(Date.now() + 2, 0)).removed, 0)
  rmSync(place, { recursive: true })
})

test('what is served is told from what is broken, by its place', async () => {
  const place = folder(), online = objectOnline(fileObjects(place)), path = join(place, 'online.ndjson')
  await online.replace({ as_of_ms: 1, definitions: 'd', entities: 1 }, [['a', '{"entity":"a"}']])
  const whole = readFileSync(path, 'utf8')
  for (const [text, message] of [
    ['', /online\.ndjson:1: .*expected an object/], ['}}', /:1: .*expected an object/], [whole.replace('as_of_ms', 'x'), /:1: .*as_of_ms: expected a number/],
    [whole.split('\n')[0] ?? '', /1 entities were written, 0 are there/], [`${whole}x`, /:3: no line of an entity/],
  ] as const) {
    writeFileSync(path, text)
    await assert.rejects(objectOnline(fileObjects(place)).about(), { exit: 'data', message }, text)
  }
  rmSync(place, { recursive: true })
  const tail = textOfTail({ entity: 'a', asOfMs: 1, timelines: timelinesByView() })
  assert.equal(readTail(tail).entity, 'a')
  for (const text of [tail.slice(1), tail.replace('event_ms', 'x'), tail.replace('"event_ms":"', '"event_ms":"AAAA'), '[]']) assert.throws(() => readTail(text), RangeError, text)
})

const timelinesByView = (): ReadonlyMap<string, Timeline> => {
  const [timeline] = [...timelinesOf([rowsOf([said('a', JANUARY, 1, '1')], ['x'])]).values()]
  return new Map([['v', timeline ?? assert.fail('no timeline')]])
}
