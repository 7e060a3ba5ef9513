/** Several allocators, executors and people at one home at once, as processes of their own: the caps of the book hold, nothing is lost, nobody waits for ever. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { formatInstant, lineOf, make, millisOf, type Vanta } from '#record'
import { recordsIn, runTool, startTool, type Ended, type Process } from '../service/process.ts'
import { openPrint, tick } from '../execute/desk_world.ts'
import { checkCaps } from '../simulate/caps_checker.ts'
import { lineOf as lawful, type Line, type OrderLine } from '../simulate/lines.ts'
import { SUBJECTS, type DayTerms, type Limits } from '../simulate/terms.ts'

const rooms: string[] = []
after(() => rooms.forEach((room) => rmSync(room, { recursive: true, force: true })))

const VAULTS = ['core', 'spare', 'idle'] as const
/** Percent: what a new vault has, and the caps over all of them that the tests set. */
const LIMITS: Limits = {
  position: 10, sector: 100, source: 100, gross: 100, net: 100, turnover: 1000, liquidity: 5, openOrders: 50, loss: undefined, trailing: undefined, timeMs: undefined,
}
const TERMS: DayTerms = { vaults: new Map(VAULTS.map((vault) => [vault, LIMITS])), book: { position: 4, gross: 10, net: 9 }, volumes: new Map() }

const START_MS = millisOf('2026-01-05T15:00:00.000Z')
const at = (step: number): string => formatInstant(START_MS + step * 60_000)
/** In cents, of each step: no two are alike, and some fall. */
const priceOf = (subject: number, step: number): number => 4000 + subject * 700 + ((step * (3 + subject)) % 7) * 50
const prints = (step: number): readonly Vanta[] =>
  SUBJECTS.map((subject, i) => openPrint(subject.replace('ticker:', ''), at(step), (priceOf(i, step) / 100).toFixed(2)))
function conviction(vault: number, subject: number, step: number): Vanta {
  const score = [0.4, 0.53, 0.57, 0.7][(vault + 2 * subject + step) % 4] ?? 0.7, logOdds = Math.log(score / (1 - score))
  return make('conviction', {
    at: at(step), known_at: at(step), source: 'test', by: 'test/0', signal_id: '0'.repeat(40), subject: SUBJECTS[subject] ?? '', direction: 'up',
    conviction_score: score, log_odds: logOdds, reason_vector: [{ term: 'test', log_odds: logOdds, evidence: [] }], contributing_models: ['chatter'],
    horizon: '5d', ttl: 86_400, routing_tags: [],
  })
}
const moment = (vault: number, step: number): readonly Vanta[] => [...SUBJECTS.map((_, subject) => conviction(vault, subject, step)), tick(at(step))]
const textOf = (records: readonly Vanta[]): string => records.map((record) => `${lineOf(record)}\n`).join('')

class Home {
  readonly path = mkdtempSync(join(tmpdir(), 'vanta-several-'))
  constructor() {
    rooms.push(this.path)
  }
  run(...[tool, ...words]: readonly [string, ...string[]]): Promise<Ended> {
    return runTool(tool, words, { VANTA_HOME: this.path })
  }
  async done(...call: readonly [string, ...string[]]): Promise<Ended> {
    const ended = await this.run(...call)
    assert.equal(ended.status, 0, `${call.join(' ')}: ${ended.err}`)
    return ended
  }
  start(...[tool, ...words]: readonly [string, ...string[]]): Process {
    return startTool(tool, words, { VANTA_HOME: this.path }, 'pipe')
  }
  /** A run that is handed all of its input at once. */
  fed(input: string, ...call: readonly [string, ...string[]]): Promise<Ended> {
    const process = this.start(...call)
    process.child.stdin?.end(input)
    return process.ended
  }
  async ready(): Promise<this> {
    for (const vault of VAULTS) await this.done('vanta-vault', 'init', vault)
    await this.done('vanta-vault', 'book', '--position', '0.04', '--gross', '0.10', '--net', '0.09')
    return this
  }
  json(name: string): { readonly [field: string]: unknown } {
    return JSON.parse(readFileSync(join(this.path, 'memory', name), 'utf8')) as { readonly [field: string]: unknown }
  }
  log(name: string): readonly string[] {
    return readFileSync(join(this.path, 'logs', name), 'utf8').trimEnd().split('\n')
  }
  /** The trade log is held against the caps by arithmetic that shares nothing with the executor. */
  async isLawful(): Promise<void> {
    const lines: Line[] = this.log('trade_log.jsonl').flatMap(lawful)
    const priceAt = (subject: string, when: string): number => priceOf(SUBJECTS.indexOf(subject), Math.floor((millisOf(when) - START_MS) / 60_000))
    assert.deepEqual(checkCaps(lines, 0, TERMS, priceAt), [])
    const intended = lines.filter((line): line is OrderLine => line.kind === 'order' && line.state === 'intended')
    assert.equal(new Set(intended.map(({ client_order_id: id }) => id)).size, intended.length)
    assert.deepEqual(new Set(intended.filter(({ side }) => side === 'buy').map(({ vault }) => vault)), new Set(VAULTS))
    for (const vault of VAULTS) await this.done('vanta-vault', 'ledger', vault, '--check')
  }
}

/** Hands what leaves one process to another, whole lines at a time, as it comes. */
function pour(from: Process, to: Process): void {
  let rest = ''
  from.child.stdout?.on('data', (text: string) => {
    const cut = (rest + text).lastIndexOf('\n') + 1
    to.child.stdin?.write((rest + text).slice(0, cut))
    rest = (rest + text).slice(cut)
  })
}
async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let i = 0; !isSo(); i++) {
    assert.ok(i < 3000, `${what}: not within a minute`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const ticksIn = (process: Process): number => process.out().split('"type":"tick"').length - 1

test('allocators of three vaults feed one executor at once; one is killed and begun again; people change settings meanwhile', async () => {
  const home = await new Home().ready()
  const executor = home.start('vanta-exec', '--now', 'stream')
  const allocators = new Map<string, Process>()
  const begin = (vault: string): Process => {
    const process = home.start('vanta-vault', 'allocate', '--vault', vault, '--now', 'stream')
    allocators.set(vault, process)
    pour(process, executor)
    return process
  }
  for (const vault of VAULTS) begin(vault)
  let ticks = 0
  const step = async (n: number): Promise<void> => {
    executor.child.stdin?.write(textOf(prints(n)))
    const before = [...allocators.values()].map((process) => [process, ticksIn(process)] as const)
    for (const [i, vault] of VAULTS.entries()) allocators.get(vault)?.child.stdin?.write(textOf(moment(i, n)))
    for (const [process, had] of before) await until(`step ${n}`, () => ticksIn(process) > had)
    await until(`step ${n} of the executor`, () => ticksIn(executor) >= ticks + VAULTS.length)
    ticks += VAULTS.length
  }
  for (let n = 0; n < 4; n++) await step(n)

  const second = await Promise.all([
    home.fed('', 'vanta-vault', 'allocate', '--vault', 'core'), home.fed('', 'vanta-exec'), home.run('vanta-vault', 'move', 'core', 'deposit', '5', '--reason', 'none'),
  ])
  assert.deepEqual(second.map(({ status, err }) => [status, /held by process \d+/.test(err)]), [[75, true], [75, true], [75, true]])

  // Each change rests on the one before, whoever made it.
  await Promise.all([
    ...VAULTS.map((vault) => home.done('vanta-vault', 'set', vault, 'min_change.relative=0.30')),
    ...VAULTS.map((vault) => home.done('vanta-overlay', 'persona', '--vault', vault, '--persona', 'apollo')),
    home.done('vanta-vault', 'set', 'core', 'stops.cooldown=2d'), home.done('vanta-vault', 'book', '--net', '0.08'), home.done('vanta-vault', 'init', 'fourth'),
    home.done('vanta-vault', 'key', 'spare'),
  ])
  const settings = home.json('vault.json') as { vaults: { [vault: string]: { min_change: { relative: string }; stops: { cooldown: string } } }; book: { net: string } }
  assert.deepEqual(VAULTS.map((vault) => settings.vaults[vault]?.min_change.relative), ['0.30', '0.30', '0.30'])
  assert.deepEqual([settings.vaults['core']?.stops.cooldown, settings.book.net, 'fourth' in settings.vaults], ['2d', '0.08', true])
  assert.deepEqual(home.json('vault_overlay.json')['personas'], Object.fromEntries(VAULTS.map((vault) => [vault, 'apollo'])))
  // The log holds what came into force, in that order, and nothing else.
  const versions = home.log('vaults.ndjson').map((line) => JSON.parse(line) as { readonly kind: string; readonly version?: number })
  for (const [i, { kind, version }] of versions.entries()) if (kind === 'vault') assert.equal(version, i + 1)
  const changes = home.log('overlay.ndjson').map((line) => (JSON.parse(line) as { readonly facts: { readonly before: unknown; readonly after: unknown } }).facts)
  for (const [i, { before }] of changes.entries()) if (i > 0) assert.deepEqual(before, changes[i - 1]?.after)

  for (let n = 4; n < 7; n++) await step(n)
  allocators.get('spare')?.child.kill('SIGKILL')
  assert.equal((await allocators.get('spare')?.ended)?.status, 137)
  begin('spare')
  for (let n = 7; n < 12; n++) await step(n)

  for (const process of allocators.values()) process.child.stdin?.end()
  for (const process of allocators.values()) assert.equal((await process.ended).status, 0)
  executor.child.stdin?.end()
  const { status, out, err } = await executor.ended
  assert.equal(status, 0, err)
  assert.deepEqual(Object.keys((home.json('autotrade_queue.json') as { vaults: object }).vaults).sort(), [...VAULTS].sort())
  const codes = new Set(recordsIn(out).flatMap((record) => (record.kind === 'refusal' ? [record.code] : [])))
  assert.ok(codes.has('BOOK_CAP'), [...codes].join(' '))
  for (const code of ['BAD_SIGNATURE', 'UNSIGNED']) assert.ok(!codes.has(code), code)
  await home.isLawful()
})

test('executors that are started at once take turns: who comes too late says 75, and loses nothing', async () => {
  const home = await new Home().ready()
  for (let round = 0; round < 3; round++) {
    const said = await Promise.all(VAULTS.map((vault, i) =>
      home.fed(textOf([...prints(round), ...moment(i, round)]), 'vanta-vault', 'allocate', '--vault', vault, '--now', 'stream')))
    assert.deepEqual(said.map(({ status, err }) => [status, err]), VAULTS.map(() => [0, '']))
    let waiting = said.map(({ out }) => out)
    for (let turns = 0; waiting.length > 0; turns++) {
      assert.ok(turns < 10, 'nobody gets a turn')
      const ended = await Promise.all(waiting.map((input) => home.fed(input, 'vanta-exec', '--now', 'stream')))
      for (const { status, err } of ended) assert.ok(status === 0 || (status === 75 && /held by process/.test(err)), `${status}: ${err}`)
      assert.ok(ended.some(({ status }) => status === 0))
      waiting = waiting.filter((_, i) => ended[i]?.status === 75)
    }
  }
  await home.isLawful()
})
