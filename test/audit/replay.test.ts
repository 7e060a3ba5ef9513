/** Every decision follows from the log: done over, it is the same to the byte; and where it is not, what differs is named. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { formatInstant, identify, lineOf, millisOf, type Vanta } from '#record'
import { Home, knownAtOf, recordOf, seasonLines, type Replayed } from './replay_world.ts'

const LOOP = `vanta-normalize
vanta-dedup
vanta-decay
vanta-synthesize --every 1h --min-log-odds 0.04
vanta-rerank --top 20
vanta-vault allocate --priced
vanta-exec
vanta-pnl
vanta-audit append`

let events: readonly string[] = []
const homes: Home[] = []
const home = new Home()
homes.push(home)
after(() => homes.forEach((one) => one.remove()))

const between = (from: string, to: string): readonly string[] => events.filter((line) => knownAtOf(line) >= from && knownAtOf(line) < to)

before(async () => {
  events = await seasonLines()
  await home.command('vanta-vault', 'init', 'core', '--cash', '100000')
  await home.run(LOOP, between('2020', '2021-01-06'))
  await home.command('vanta-overlay', 'persona', '--vault', 'core', '--persona', 'athena')
  await home.run(LOOP, between('2021-01-05', '2021-01-07'))
  await home.command('vanta-vault', 'set', 'core', 'caps.position=0.05')
  await home.run(LOOP.replace('dedup', 'dedup --remember'), between('2021-01-06', '2021-01-08'))
})

const isSame = ({ answer, said }: Replayed): void => {
  assert.equal(answer, 'done', said.join('\n'))
  assert.match(said.at(-1) ?? '', /^identical: /)
}

function madeOf(kind: Vanta['kind'], nth = 0): { readonly line: string; readonly record: Vanta } {
  const line = home.lines().filter((one) => one.startsWith(`{"kind":"${kind}"`)).at(nth)
  assert.ok(line !== undefined, kind)
  return { line, record: recordOf(line) }
}

test('three runs with memory carried between them, settings changed in between and lines heard twice: all the same bytes', async () => {
  const lines = home.lines()
  for (const type of ['run', 'again', 'memory']) assert.ok(lines.some((line) => line.includes(`"type":"${type}"`)), type)
  const replayed = await home.replay('--all')
  isSame(replayed)
  const made = lines.map(recordOf).filter(({ by, kind }) => /normalize|synthesize|rerank|allocate|exec|pnl/.test(by) && kind !== 'control').length
  const ticks = lines.filter((line) => line.includes('"type":"tick"')).length
  assert.match(replayed.said.at(-1) ?? '', new RegExp(`^identical: ${made + ticks} records of 3 runs`))
})

test('one record of every kind, by the beginning of its id', async () => {
  for (const kind of ['signal', 'belief', 'conviction', 'ranking', 'allocation', 'order', 'fill', 'entry', 'pnl'] as const) {
    const { record } = madeOf(kind, -1)
    isSame(kind === 'signal' ? await home.replay(madeOf('signal', 1).record.id) : await home.replay(record.id.slice(0, 12)))
  }
})

test('what was heard is taken as it is', async () => {
  const { said, answer } = await home.replay(madeOf('signal').record.id)
  assert.equal(answer, 'done')
  assert.match(said.join(''), /^taken as it is: signal /)
})

test('a span leaves the rest unasked', async () => {
  isSame(await home.replay('--all', '--from', '2021-01-05', '--to', '2021-01-06'))
})

interface Plant {
  readonly what: string
  readonly change: (lines: string[]) => string[]
  readonly names: RegExp
}

const replaced = (was: string, now: string) => (lines: string[]): string[] => {
  assert.ok(lines.includes(was) && was !== now)
  return lines.map((line) => (line === was ? now : line))
}

/** The record saying something else, under the id of what it says. */
function saying(line: string, fields: { readonly [name: string]: unknown }): string {
  const record = { ...recordOf(line), ...fields } as Vanta
  return lineOf({ ...record, id: identify(record) })
}

async function planted({ what, change, names }: Plant): Promise<void> {
  const other = home.changed(change)
  homes.push(other)
  const { answer, said } = await other.replay('--all')
  assert.equal(answer, 'negative', what)
  assert.ok(said.some((line) => names.test(line)), `${what}: ${said.join('\n')}`)
}

test('a log written anew without a change is the same', async () => {
  const other = home.changed((lines) => lines)
  homes.push(other)
  isSame(await other.replay('--all'))
})

test('another version is named', async () => {
  const { line } = madeOf('conviction', 2)
  await planted({ what: 'version', change: replaced(line, line.replace('vanta-synthesize/0.1.0', 'vanta-synthesize/0.0.9')), names: /conviction .*: version: made by version 0\.0\.9, rebuilt by 0\.1\.0/ })
})

test('another option is named', async () => {
  const { line } = madeOf('conviction', 2)
  await planted({ what: 'option', change: replaced(line, line.replace('--every 1h', '--every 2h')), names: /: option: made with "--every 2h .*", rebuilt with "--every 1h/ })
})

test('an input that was altered is named, with its line', async () => {
  const { record } = madeOf('belief', 1)
  const line = home.lines().find((one) => recordOf(one).id === record.parents[0]) ?? ''
  const { parents: [parent = ''] } = recordOf(line)
  const post = home.lines().find((one) => recordOf(one).id === parent) ?? ''
  const at = home.lines().indexOf(post) + 1
  const change = replaced(post, post.replace('"key":"', '"key":"another '))
  await planted({ what: 'input', change, names: new RegExp(`: input: line ${at}, record ${parent}, was altered`) })
})

test('an input that is gone is named', async () => {
  const { record } = madeOf('fill')
  const print = record.parents.at(-1) ?? ''
  await planted({ what: 'missing', change: (lines) => lines.filter((line) => !line.includes(`"id":"${print}"`)), names: new RegExp(`fill .*: input: record ${print}, its parent, is not in the log`) })
})

test('settings that the record of them does not bear out are named', async () => {
  const line = home.lines().find((one) => one.includes('"file":"vault.json"') && one.includes('allocate')) ?? ''
  const at = home.lines().indexOf(line) + 1
  await planted({ what: 'settings', change: replaced(line, line.replace(/"position":"[^"]*"/, '"position":"0.01"')), names: new RegExp(`: input: line ${at}, record .* was altered`) })
})

test('memory that does not follow from the log is named', async () => {
  const line = home.lines().findLast((one) => one.includes('"file":"autotrade_queue.json"')) ?? ''
  const facts = { file: 'autotrade_queue.json', digest: '0'.repeat(40) }
  const target = recordOf(home.lines().findLast((one) => one.startsWith('{"kind":"allocation"')) ?? '')
  const other = home.changed((lines) => replaced(line, saying(line, { facts }))(lines).map((one) =>
    (one.includes(target.id) && one.startsWith('{"kind":"allocation"') ? saying(one, { fraction: '0.0123' }) : one)))
  homes.push(other)
  const { answer, said } = await other.replay('--all')
  assert.equal(answer, 'negative')
  assert.ok(said.some((one) => /allocation .*: memory: vanta-vault went on from a memory\/autotrade_queue\.json that does not follow/.test(one)), said.join('\n'))
})

test('other bytes of the same version, options and input are the code\'s, and what differs is shown', async () => {
  const { line } = madeOf('conviction', 2)
  await planted({ what: 'code', change: replaced(line, saying(line, { ttl: 987654 })), names: /: code: .*ttl: logged 987654, rebuilt \d+/ })
})

test('a decision that was kept out of the log is named', async () => {
  const orders = home.lines().filter((line) => line.startsWith('{"kind":"order"') && line.includes('"intended"'))
  const last = recordOf(orders.at(-1) ?? '')
  await planted({ what: 'extra', change: (lines) => lines.filter((line) => !line.includes(`"id":"${last.id}"`)), names: new RegExp(`order ${last.id.slice(0, 12)}, .*made now and is not in the log`) })
})

test('a changed byte that only the tree knows of is named too', async () => {
  const other = home.changed((lines) => lines)
  homes.push(other)
  const { line } = madeOf('price')
  const before = other.lines().join('\n')
  const { writeFileSync } = await import('node:fs')
  writeFileSync(`${other.path}/logs/audit.jsonl`, `${before.replace(line, line.replace(/"known_at":"20../, '"known_at":"2019'))}\n`)
  const { answer, said } = await other.replay('--all')
  assert.equal(answer, 'negative')
  assert.match(said.join('\n'), /DIFFERS: input altered: audit\.jsonl line \d+ /)
})

const DAY_MS = 86_400_000
const START_MS = millisOf('2021-01-04T00:00:00.000Z')
const dayOf = (day: number): string => formatInstant(START_MS + day * DAY_MS)

const run = fc.record({
  from: fc.integer({ min: 0, max: 6 }), days: fc.constantFrom(0.5, 1, 2), every: fc.constantFrom('30m', '1h', '4h'), least: fc.constantFrom('0.02', '0.06'),
  top: fc.constantFrom('3', '50', undefined), remember: fc.boolean(), near: fc.boolean(), priced: fc.boolean(), warmUp: fc.boolean(), limit: fc.boolean(),
  between: fc.constantFrom([], ['vanta-overlay', 'persona', '--vault', 'core', '--persona', 'ares'], ['vanta-overlay', 'kill', '--flatten'],
    ['vanta-overlay', 'revive', '--reason', 'over'], ['vanta-vault', 'set', 'core', 'caps.position=0.03', 'stops.trailing=0.02'],
    ['vanta-vault', 'key', 'core'], ['vanta-vault', 'set', 'core', 'method=kelly'], ['vanta-vault', 'set', 'core', 'state=closing']),
})

const trading: typeof run extends fc.Arbitrary<infer R> ? R : never = {
  from: 0, days: 2, every: '1h', least: '0.02', top: '50', remember: false, near: false, priced: true, warmUp: true, limit: false, between: [],
}

/** The overlay is first read after the last record of the executor. */
const idle = { ...trading, days: 0.5 as const, every: '30m' as const, top: '3' as const, priced: false, warmUp: false }
const late: (typeof trading)[] = [
  { ...idle, from: 1, warmUp: true }, { ...idle, from: 5, between: ['vanta-overlay', 'persona', '--vault', 'core', '--persona', 'ares'] }, idle,
]

/** The first run does nothing but hear prices, which the second holds its orders against. */
const collared: (typeof trading)[] = [
  { ...trading, from: 2, every: '30m', top: undefined, remember: true, near: true, warmUp: false, limit: true, between: ['vanta-vault', 'key', 'core'] },
  { ...trading, from: 1, days: 1, every: '30m', least: '0.06', top: '3', remember: true, near: true, priced: false, limit: true, between: ['vanta-vault', 'set', 'core', 'method=kelly'] },
]

/** The second run ends with a moment that the first had, behind what it made of it. */
const again: (typeof trading)[] = [
  { ...trading, days: 0.5, every: '4h', least: '0.06', warmUp: false, limit: true, between: ['vanta-overlay', 'kill', '--flatten'] },
  { ...trading, days: 0.5, every: '4h', top: '3', near: true, limit: true },
]

test('small worlds, run by hand in any way, are the same to the byte', async () => {
  let made = 0
  await fc.assert(fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 4 }), async (runs) => {
    const world = new Home()
    try {
      await world.command('vanta-vault', 'init', 'core')
      for (const { from, days, every, least, top, remember, near, priced, warmUp, limit, between: [tool, ...words] } of runs) {
        if (tool !== undefined) await world.command(tool, ...words)
        const pipeline = ['vanta-normalize', `vanta-dedup${remember ? ' --remember' : ''}${near ? ' --near 0.8' : ''}`, 'vanta-decay',
          `vanta-synthesize --every ${every} --min-log-odds ${least}`, ...(top === undefined ? [] : [`vanta-rerank --top ${top}`]),
          `vanta-vault allocate${priced ? ' --priced' : ''}`, `vanta-exec${limit ? ' --order-type limit --collar 2' : ''}`, 'vanta-pnl', 'vanta-audit append']
        await world.run(pipeline.join('\n'), between(warmUp ? '2020' : dayOf(from), dayOf(from + days)))
      }
      if (world.lines().length === 0) return
      const { answer, said } = await world.replay('--all')
      assert.equal(answer, 'done', said.join('\n'))
      made += world.lines().filter((line) => line.startsWith('{"kind":"fill"')).length
    } finally {
      world.remove()
    }
  }), { numRuns: 6, endOnFailure: true, examples: [[[trading, { ...trading, from: 1 }]], [late], [[trading, { ...trading, least: '0.06' }]], [collared], [again]] })
  assert.ok(made > 0)
})
