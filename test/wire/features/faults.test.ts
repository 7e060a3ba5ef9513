/**
 * A store of features where the disk or the server fails at any operation: what was said to be kept is there, what was not is there whole or not at all,
 * every file that is named can be read, and whoever begins again comes to the same end.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { fileObjects } from '#adapter/file/objects'
import { objectOnline } from '#adapter/file/online'
import { lazyS3 } from '#adapter/s3/lazy'
import type { Taken } from '#domain/features/manifest'
import type { Observation } from '#domain/features/observe'
import { rowsOf } from '#domain/features/rows'
import { timelinesOf } from '#domain/features/timeline'
import { Failure } from '#port/failure'
import type { Objects } from '#port/objects'
import { OfflineStore } from '#wire/features/offline'
import { SimulatedDisk, type Fault } from '../../adapter/simulated-disk.ts'
import { startService, type Asked, type Reply } from '../../service/service.ts'

const JANUARY = Date.UTC(2021, 0, 15), FEBRUARY = Date.UTC(2021, 1, 15), ADDS = 2
const X = new Set(['x'])
/** One block of a log: two months, and a correction of the block before. */
const block = (nth: number): readonly Observation[] => [[JANUARY, nth], [FEBRUARY, nth], [JANUARY, nth - 1]].map(([month = 0, day = 0]) => ({
  view: 'v', entity: 'e', eventMs: month + day, knownMs: FEBRUARY + 1000 + nth, key: 'k', id: `${month}-${day}-${nth}`, values: [month + 10 * day + nth],
}))
const takenAt = (bytes: number): Taken => ({ log: 'log', bytes, line_at: 0, line: 'l' })
const farMs = Date.UTC(2100, 0, 1)

/** As materialize does it, what is new of a log; then compaction; then what is served. `told` hears what is kept for sure. */
async function run(objects: Objects, told: (bytes: number) => void): Promise<void> {
  const store = new OfflineStore(objects)
  for (let nth = (await store.manifest()).taken?.[0]?.bytes ?? 0; nth < ADDS; nth++) {
    await store.add(new Map([['v', rowsOf(block(nth), ['x'])]]), takenAt(nth + 1))
    told(nth + 1)
  }
  await store.compact(farMs, 0)
  await objectOnline(objects).replace({ as_of_ms: 1, definitions: 'd', entities: 1 }, [['e', `{"entity":"e","held":${JSON.stringify(await held(store))}}`]])
}

async function held(store: OfflineStore): Promise<readonly unknown[]> {
  const parts = await store.load(await store.manifest(), 'v', X, -Infinity, Infinity)
  return [...timelinesOf(parts)].map(([entity, { eventMs, untilMs, values }]) => [entity, [...eventMs], [...untilMs].map(String), [...(values.get('x') ?? [])]])
}

const plainOf = (bytes: number): readonly unknown[] => [...timelinesOf(Array.from({ length: bytes }, (_, nth) => rowsOf(block(nth), ['x'])))]
  .map(([entity, { eventMs, untilMs, values }]) => [entity, [...eventMs], [...untilMs].map(String), [...(values.get('x') ?? [])]])
const expected = Array.from({ length: ADDS + 1 }, (_, bytes) => plainOf(bytes))

/** What is there is what the log says as far as it was taken in, and no less than `least` of it. */
async function isWhole(objects: Objects, least: number): Promise<void> {
  const store = new OfflineStore(objects), bytes = (await store.manifest()).taken?.[0]?.bytes ?? 0
  assert.ok(bytes >= least, `${least} were kept, ${bytes} are there`)
  assert.deepEqual(await held(store), expected[bytes])
  const served = await objectOnline(objects).read('e')
  if (served !== undefined) assert.deepEqual(JSON.parse(served), { entity: 'e', held: expected[ADDS] })
}

/** How many blocks were said to be kept before it failed; a failure is a Failure. */
async function keptBefore(objects: Objects, isDone: () => void = () => undefined): Promise<number> {
  let kept = 0
  try {
    await run(objects, (bytes) => void (kept = bytes))
    isDone()
  } catch (error) {
    assert.ok(error instanceof Failure && (error.exit === 'output' || error.exit === 'upstream' || error.exit === 'data'), String(error))
  }
  return kept
}

for (const fault of ['ENOSPC', 'EIO', 'short', 'crash'] satisfies Fault[]) {
  test(`a disk, ${fault} at any operation, once and again`, async () => {
    let failedAt = 0
    for (let nth = 1, isOver = false; !isOver; nth++) {
      // What becomes of what was not synced is drawn; of a failure that no crash follows there is one outcome.
      for (const drawn of fc.sample(fc.array(fc.nat(), { minLength: 8, maxLength: 8 }), { numRuns: fault === 'crash' ? 2 : 1, seed: nth })) {
        let draw = 0
        const choose = (below: number): number => (drawn[draw++ % drawn.length] ?? 0) % below
        const disk = new SimulatedDisk(), objects = fileObjects('/features', disk)
        disk.failAfter(nth, fault)
        const kept = await keptBefore(objects)
        isOver = disk.faults === 0
        if (!isOver) failedAt = nth
        // Whether or not the power goes as well.
        if (fault === 'crash' || nth % 2 === 0) disk.crash(choose)
        await isWhole(objects, kept)
        disk.failAfter(1 + (nth * 7) % 40, fault)
        const more = await keptBefore(objects)
        disk.crash(choose)
        await isWhole(objects, Math.max(kept, more))
        await run(objects, () => undefined)
        await isWhole(objects, ADDS)
        assert.notEqual(await objectOnline(objects).read('e'), undefined)
        assert.deepEqual(disk.paths().filter((path) => path.endsWith('.tmp')), [], 'what a crash left is gone')
      }
    }
    assert.ok(failedAt > 40, `failed only up to operation ${failedAt}`)
  })
}

/** An S3-compatible bucket in memory. `wrong` is asked of each request, from 1 on: whether it is refused, or its answer is lost. */
class Bucket {
  readonly objects = new Map<string, Buffer>()
  asked = 0
  wrong: (nth: number) => 'refused' | 'lost' | undefined = () => undefined

  readonly reply = (request: Asked): Reply => {
    this.asked++
    if (this.wrong(this.asked) === 'refused') return { status: 503, body: '<Error><Code>SlowDown</Code></Error>' }
    const { pathname, searchParams } = new URL(request.url, 'http://localhost'), name = decodeURIComponent(pathname.slice('/bucket/'.length))
    if (searchParams.has('list-type')) return { body: this.#list(searchParams.get('prefix') ?? '') }
    const there = this.objects.get(name)
    if (request.method === 'GET') return there === undefined ? { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' } : { body: there }
    if (request.method === 'DELETE') this.objects.delete(name)
    else if (there !== undefined && request.headers['if-none-match'] === '*') return { status: 412 }
    else this.objects.set(name, request.bytes)
    return { status: request.method === 'DELETE' ? 204 : 200 }
  }

  #list(prefix: string): string {
    const entries = [...this.objects].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { length }]) =>
      `<Contents><Key>${name}</Key><Size>${length}</Size><LastModified>2021-01-15T15:00:00.000Z</LastModified></Contents>`)
    return `<?xml version="1.0"?><ListBucketResult>${entries.join('')}<IsTruncated>false</IsTruncated></ListBucketResult>`
  }
}

const service = await startService()
after(() => service.close())

function bucketOf(): { readonly bucket: Bucket; readonly objects: Objects } {
  const bucket = new Bucket()
  service.reset()
  service.routes = { '/': bucket.reply }
  let lost = 0
  service.misbehave = () => {
    if (bucket.wrong(bucket.asked) !== 'lost') return undefined
    return lost++ === 0 ? { kind: 'cut' } : { kind: 'status', status: 500 }
  }
  const secrets = async () => ({ place: 'secrets/s3', secrets: { access_key_id: 'AKID', secret_access_key: 'not-shown' } })
  return { bucket, objects: lazyS3(`s3://bucket/p?endpoint=${service.endpoint}`, { secrets, pause: async () => undefined }) }
}

for (const wrong of ['refused', 'lost'] as const) {
  test(`a server, one request ${wrong}: it is asked again, and nothing is there twice`, async () => {
    let isOver = false
    for (let nth = 1; !isOver; nth++) {
      const { bucket, objects } = bucketOf()
      bucket.wrong = (one) => (one === nth ? wrong : undefined)
      await run(objects, () => undefined)
      isOver = bucket.asked < nth
      await isWhole(objects, ADDS)
    }
  })

  test(`a server, every request ${wrong} from one on: it is said, and the next run comes to the same end`, async () => {
    let isOver = false, failed = 0
    for (let nth = 1; !isOver; nth++) {
      const { bucket, objects } = bucketOf()
      bucket.wrong = (one) => (one >= nth ? wrong : undefined)
      const kept = await keptBefore(objects, () => void (isOver = true))
      bucket.wrong = () => undefined
      if (!isOver) failed++
      await isWhole(objects, kept)
      await run(objects, () => undefined)
      await isWhole(objects, ADDS)
    }
    assert.ok(failed > 25, `${failed} requests`)
  })
}
