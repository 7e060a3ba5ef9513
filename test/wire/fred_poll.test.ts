import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '#record'
import { Failure } from '#port/failure'
import type { Answer } from '#port/outside'
import { fredParser } from '#wire/fred/payload'
import { pollAll, type FredTerms, type FredWorld } from '#wire/fred/poll'

interface Row { readonly realtime_start: string; readonly date: string; readonly value: string }

/** A FRED that cuts vintages off at the window, as the real one does, and gives `limit` rows an answer. */
function fred(rows: { [series: string]: Row[] }) {
  const asked: URL[] = []
  const states = new Map<string, Json>()
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const world: FredWorld & { nowMs: number } = {
    nowMs: Date.parse('2021-02-10T15:00:00Z'),
    clock: { now: () => world.nowMs },
    credentials: async () => ({ api_key: 'k', other: 'not for FRED' }),
    cursor: (stream) => ({ get state() { return states.get(stream) }, save: async (state) => void states.set(stream, state) }),
    http: {
      get: async ({ url, secret }): Promise<Answer> => {
        assert.deepEqual(secret, { query: { api_key: 'k' } })
        const address = new URL(url)
        asked.push(address)
        const from = address.searchParams.get('realtime_start') ?? '', offset = Number(address.searchParams.get('offset'))
        const all = rows[address.searchParams.get('series_id') ?? '']
        const body = all === undefined ? { error_code: 400, error_message: 'Bad Request. The series does not exist.' } : {
          realtime_start: from, realtime_end: '9999-12-31', units: 'lin', count: all.length, offset,
          observations: all.map((row) => ({ ...row, realtime_start: row.realtime_start < from ? from : row.realtime_start })),
        }
        return { status: all === undefined ? 400 : 200, url, headers: {}, bytes: Buffer.from(JSON.stringify(body)), heardMs: world.nowMs, validators: {} }
      },
      stream: () => assert.fail(),
      socket: () => assert.fail(),
    },
    async *read({ bytes, url, heardMs }) {
      yield* fredParser(undefined, { by: 'test/0', log, reject: () => undefined }).read({ name: url, bytes, heardMs, url })
    },
  }
  return { world, asked, rows }
}

async function round(series: readonly string[], world: FredWorld, terms: Partial<FredTerms> = {}): Promise<unknown[]> {
  const said: unknown[] = []
  for await (const record of pollAll(series, { since: undefined, vintages: undefined, ...terms }, world)) {
    if (record.kind === 'signal') said.push([record.key, record.facts?.['value'], record.facts?.['vintage']])
  }
  return said
}

test('the first round tells what is known, every later one what is new or revised since', async () => {
  const { world, asked, rows } = fred({ GDP: [{ realtime_start: '2021-01-28', date: '2020-10-01', value: '1.0' }] })
  assert.deepEqual(await round(['GDP'], world), [['fred:GDP/2020-10-01', '1.0', undefined]])
  assert.equal(asked[0]?.searchParams.get('realtime_start'), '2021-02-09')
  assert.deepEqual(await round(['GDP'], world), [], 'nothing new')
  rows['GDP']?.push({ realtime_start: '2021-02-25', date: '2020-10-01', value: '1.1' }, { realtime_start: '2021-02-25', date: '2021-01-01', value: '2.0' })
  world.nowMs = Date.parse('2021-03-05T15:00:00Z')
  assert.deepEqual(await round(['GDP'], world), [['fred:GDP/2020-10-01', '1.1', '2021-02-25'], ['fred:GDP/2021-01-01', '2.0', '2021-02-25']])
  assert.equal(asked.at(-1)?.searchParams.get('realtime_start'), '2021-02-09', 'from the day before the last round')
})

test('a first round may ask for every vintage from a day on, and for observations from a day on', async () => {
  const { world, asked } = fred({ GDP: [{ realtime_start: '2021-01-28', date: '2020-10-01', value: '1.0' }] })
  assert.deepEqual(await round(['GDP'], world, { vintages: '2021-01-01', since: '2020-01-01' }), [['fred:GDP/2020-10-01', '1.0', '2021-01-28']])
  assert.equal(asked[0]?.searchParams.get('observation_start'), '2020-01-01')
})

test('what FRED says against one series does not hold the others, and ends the round', async () => {
  const { world } = fred({ GDP: [{ realtime_start: '2021-01-28', date: '2020-10-01', value: '1.0' }] })
  const said: string[] = []
  await assert.rejects(async () => {
    for await (const record of pollAll(['NOPE', 'GDP'], { since: undefined, vintages: undefined }, world)) said.push(record.kind)
  }, (error) => error instanceof Failure && error.exit === 'data' && /does not exist/.test(error.message))
  assert.deepEqual(said, ['signal'])
})
