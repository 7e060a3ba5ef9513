/** What moves at a venue without an order: whose it is, booked once, balanced, and as durable as everything else. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { make, type Control, type Signal } from '#record'
import { Activities } from '#domain/execute/activities'
import type { Activity, Broker } from '#domain/execute/broker'
import { checkLedger, entriesOf } from '#domain/execute/ledger_check'
import { differences, type Difference } from '#domain/execute/reconcile'
import type { Kept } from '#domain/execute/kept'
import { Shelf, type TradeLog } from '#domain/execute/shelf'
import { Upkeep } from '#domain/execute/upkeep'
import { beancountLines } from '#domain/money/export/beancount'
import { hledgerLines } from '#domain/money/export/hledger'
import { ONE } from '#domain/money/decimal'
import { centsOf, fixedOf } from '#domain/money/money'
import { deposit, withdrawal } from '#domain/money/movements'
import { vaultSettings, readVault, type Vault } from '#domain/vault/vault'
import { needed } from '../needed.ts'

const AT = '2026-05-04T15:00:00.000Z', LATER = '2026-05-12T15:00:00.000Z'
const SHARES = 'ticker:AAPL', CALL = 'option:AAPL260508C00150000'

/** An account as its venue knows it, and the books of two vaults that share it. */
class Desk {
  cash = 25_000_000n
  readonly positions = new Map([[SHARES, 7n * ONE]])
  activities: Activity[] = []
  isDeaf = false
  readonly lines: string[] = []
  readonly journal: string[] = []
  shelf: Shelf
  upkeep: Upkeep
  now = AT
  #fills = 0
  readonly said: string[] = []

  constructor() {
    this.shelf = this.#opened({})
    this.upkeep = this.#kept()
    for (const vault of ['core', 'spare']) this.shelf.book(vault, AT)
  }

  readonly broker: Broker = {
    name: 'venue', rules: { idempotent: true, settleMs: 0, centsPerFill: 0n },
    submit: () => ({ outcome: 'unknown', why: '' }), cancel: () => 'unknown', look: () => ({ look: 'absent' }),
    openOrders: () => ({ told: [] }), fills: () => ({ told: { fills: [], mark: undefined } }),
    account: () => ({ told: { cash: this.cash, positions: new Map(this.positions) } }),
    activities: () => (this.isDeaf ? { unknown: 'HTTP 503' } : { told: [...this.activities] }),
  }

  readonly vaultOf = (name: string): Vault => {
    const vault = readVault({ vaults: { [name]: vaultSettings({ cash: 10_000_000n, currency: 'USD', method: 'banded' }) } }, name)
    if (vault === undefined || typeof vault === 'string') throw new Error(String(vault))
    return vault
  }

  #opened(kept: Partial<Kept>): Shelf {
    const log = (of: string[]): TradeLog => ({ append: (line) => void of.push(line), sync: () => undefined, lines: () => [...of] })
    const shelf = new Shelf({ trades: log(this.lines), entries: log(this.journal), by: 'test/0' }, this.vaultOf, kept)
    shelf.finish()
    return shelf
  }
  #kept(): Upkeep {
    return new Upkeep({ broker: this.broker, by: 'test/0', vaultOf: this.vaultOf, diagnose: (event) => void this.said.push(event) }, this.shelf)
  }

  /** Another process: with the state that was kept, or with the log alone. */
  restart(withState = true): void {
    this.shelf.settle()
    const kept = withState ? (JSON.parse(JSON.stringify(this.shelf.toState())) as Kept) : {}
    this.shelf = this.#opened(kept)
    this.upkeep = this.#kept()
  }

  async look(): Promise<readonly Difference[]> {
    if (this.upkeep.isDue(this.now)) this.upkeep.run(this.now)
    this.heard = await new Activities({ broker: this.broker, by: 'test/0', diagnose: (event) => void this.said.push(event) }, this.shelf).hear(Date.parse(this.now))
    this.upkeep.changed()
    return differences(this.shelf, this.broker, { by: 'test/0', at: this.now })
  }
  heard: readonly Control[] = []

  trade(vault: string, side: 'buy' | 'sell', quantity: bigint, price: bigint, subject = SHARES, at = this.now): void {
    this.#fills += 1
    this.shelf.fill(this.shelf.book(vault, at), make('fill', {
      parents: [], at, known_at: at, source: 'exec/venue', by: 'test/0', client_order_id: `o${this.#fills}`, vault, broker: 'venue', subject, side,
      quantity: String(quantity), price: `${price}.00`, fee: '0.00', currency: 'USD', venue_fill_id: `f${this.#fills}`, sequence: this.#fills, band: 'high', maker: 'chatter',
    }))
    this.cash += (side === 'buy' ? -1n : 1n) * quantity * price * 100n
    this.held(subject, side === 'buy' ? quantity * ONE : -quantity * ONE)
  }
  held(subject: string, moved: bigint): void {
    const after = (this.positions.get(subject) ?? 0n) + moved
    if (after === 0n) this.positions.delete(subject)
    else this.positions.set(subject, after)
  }

  happens(type: Activity['type'], cents: bigint, more: Partial<Activity> = {}): Activity {
    const activity: Activity = { activityId: `a${this.activities.length}`, type, cents, quantity: 0n, day: this.now.slice(0, 10), said: type, ...more }
    this.cash += cents
    if (activity.quantity !== 0n && activity.subject !== undefined) this.held(activity.subject, activity.quantity)
    this.activities.push(activity)
    return activity
  }
  becomes(activity: Activity, cents: bigint): void {
    this.cash += cents - activity.cents
    this.activities = this.activities.map((one) => (one.activityId === activity.activityId ? { ...one, cents } : one))
  }

  signal(type: string, facts: { readonly [name: string]: string }, day: string): void {
    const signal: Signal = make('signal', { at: `${day}T06:00:00.000Z`, known_at: this.now, source: 'alpaca/corporate_actions', by: 'test/0', type, key: `${type}:${day}`, subject: SHARES, facts: { day, ...facts } })
    this.upkeep.hear(signal)
  }

  of(vault: string, account: string): bigint {
    return this.shelf.book(vault, this.now).ledger.balance(account)
  }
  get outside(): { readonly cash: bigint; readonly shares: bigint } {
    const outside = this.shelf.venues.get('venue')?.outside
    return { cash: centsOf(outside?.cash ?? '0.00'), shares: fixedOf(outside?.positions[SHARES] ?? '0') }
  }
  /** The trade log, the journal and the state say the same, from the first line on. */
  assertSound(): void {
    this.shelf.settle()
    const kept = JSON.parse(JSON.stringify(this.shelf.toState())) as Kept
    assert.deepEqual(checkLedger({ trades: this.lines, journal: this.journal, kept, vaultOf: this.vaultOf }).faults, [])
  }
}

async function met(): Promise<Desk> {
  const desk = new Desk()
  assert.deepEqual(await desk.look(), [])
  assert.deepEqual(desk.outside, { cash: 5_000_000n, shares: 7n * ONE })
  return desk
}

test('fees are borne by who sold on their day, to the cent, once, in this run and the next', async () => {
  const desk = await met()
  desk.trade('core', 'buy', 30n, 40n)
  desk.trade('spare', 'buy', 30n, 40n)
  desk.trade('core', 'sell', 20n, 41n)
  desk.trade('spare', 'sell', 10n, 41n)
  desk.happens('fee', -7n)
  assert.deepEqual(await desk.look(), [])
  assert.deepEqual(['core', 'spare'].map((vault) => desk.of(vault, 'expenses:fees')), [5n, 2n])
  for (const withState of [true, false]) {
    desk.restart(withState)
    assert.deepEqual([await desk.look(), desk.heard.length], [[], 0])
  }
  desk.assertSound()
})

test('a fee is corrected, then called off: what it comes to more or less goes the way it went', async () => {
  const desk = await met()
  desk.trade('core', 'buy', 30n, 40n)
  const fee = desk.happens('fee', -700n)
  await desk.look()
  desk.becomes(fee, -900n)
  assert.deepEqual([await desk.look(), desk.of('core', 'expenses:fees')], [[], 900n])
  desk.restart(false)
  desk.becomes({ ...fee, cents: -900n }, 0n)
  assert.deepEqual([await desk.look(), desk.of('core', 'expenses:fees')], [[], 0n])
  assert.deepEqual(await desk.look(), [])
  desk.assertSound()
})

test('a dividend that was expected pays what was due, its difference is income, what is withheld goes the same way', async () => {
  const desk = await met()
  desk.trade('core', 'buy', 30n, 40n)
  desk.trade('spare', 'buy', 10n, 40n)
  desk.signal('dividend', { cash: '0.25', payable_date: '2026-05-10' }, '2026-05-06')
  desk.now = '2026-05-07T15:00:00.000Z'
  assert.deepEqual(await desk.look(), [])
  assert.deepEqual([desk.of('core', `assets:receivable:${SHARES}`), desk.of('core', 'income:dividends')], [750n, -750n])
  // The day has come, and the venue has not paid: nor have the books.
  desk.now = LATER
  assert.deepEqual([await desk.look(), desk.of('core', 'assets:cash')], [[], 9_880_000n])
  desk.happens('dividend', 1180n, { subject: SHARES })
  desk.happens('dividend', -177n, { subject: SHARES, activityId: 'withheld' })
  assert.deepEqual(await desk.look(), [])
  assert.equal(desk.of('core', `assets:receivable:${SHARES}`), 0n)
  assert.equal(desk.of('core', 'income:dividends') + desk.of('spare', 'income:dividends') - (desk.outside.cash - 5_000_000n), -1003n)
  desk.assertSound()
})

test('capital is nobody\'s until a person moves it; what was taken out stops the trade until it is taken out of a vault', async () => {
  const desk = await met()
  desk.happens('capital', 300_000n)
  assert.deepEqual([await desk.look(), desk.outside.cash], [[], 5_300_000n])
  assert.match(String(desk.heard[0]?.facts?.['detail']), /vanta-vault move NAME deposit 3000.00/)
  const motive = { what: 'deposit', who: 'ann', why: 'more of it', at: AT, by: 'test/0' }
  desk.shelf.move(motive, [{ vault: 'core', entry: deposit(300_000n, { ref: '', at: AT }) }])
  assert.deepEqual(await desk.look(), [])
  desk.happens('capital', -6_000_000n)
  const [found] = await desk.look()
  assert.match(found?.detail ?? '', /cash beside the vaults: -10000.00 here.*vanta-vault move NAME withdraw/)
  desk.shelf.move({ ...motive, what: 'withdraw' }, [{ vault: 'spare', entry: withdrawal(desk.shelf.book('spare', AT).ledger, 1_000_000n, { ref: '', at: AT }) }])
  assert.deepEqual(await desk.look(), [])
  desk.assertSound()
})

test('interest by the money there is; what is charged, to who has overdrawn', async () => {
  const desk = await met()
  desk.happens('interest', 100n)
  assert.deepEqual(await desk.look(), [])
  assert.deepEqual([desk.of('core', 'income:interest'), desk.of('spare', 'income:interest'), desk.outside.cash], [-40n, -40n, 5_000_000n + 100n])
  desk.assertSound()
})

test('options that are exercised leave at their cost, and the shares come to who held them', async () => {
  const desk = await met()
  desk.trade('core', 'buy', 2n, 300n, CALL)
  desk.trade('spare', 'buy', 1n, 300n, CALL)
  desk.now = '2026-05-08T21:00:00.000Z'
  desk.happens('delivery', -4_500_000n, { subject: SHARES, quantity: 300n * ONE, activityId: 'a-delivery' })
  desk.happens('exercise', 0n, { subject: CALL, quantity: -3n * ONE, activityId: 'b-exercise' })
  assert.deepEqual(await desk.look(), [])
  const { ledger } = desk.shelf.book('core', AT)
  assert.deepEqual([ledger.quantity(CALL), ledger.quantity(SHARES), ledger.costOf(SHARES), ledger.realised], [0n, 200n * ONE, 3_000_000n, -60_000n])
  assert.equal(ledger.lots(SHARES)[0]?.id, desk.heard[1]?.id, 'the lot is of the record that brought it')
  desk.assertSound()
})

for (const [program, words, linesOf] of [['hledger', ['check', '--strict', '-f'], hledgerLines], ['bean-check', [], beancountLines]] as const) {
  test(`${program} accepts a journal of all that can happen`, { skip: needed(program) }, async () => {
    const desk = await met()
    desk.trade('core', 'buy', 30n, 40n)
    desk.trade('core', 'buy', 2n, 300n, CALL)
    desk.happens('fee', -7n)
    desk.happens('dividend', 1001n, { subject: SHARES })
    desk.happens('interest', 100n)
    desk.happens('in_lieu', 1234n, { subject: SHARES })
    desk.happens('exercise', 0n, { subject: CALL, quantity: -2n * ONE })
    desk.happens('delivery', -3_000_000n, { subject: SHARES, quantity: 200n * ONE })
    assert.deepEqual(await desk.look(), [])
    desk.shelf.settle()
    const entries = [...entriesOf('core', desk.journal)]
    assert.deepEqual(new Set(entries.map(({ type }) => type)), new Set(['open', 'fill', 'fee', 'dividend_paid', 'interest', 'in_lieu', 'exercise']))
    const file = join(mkdtempSync(join(tmpdir(), 'vanta-activities-')), 'core.journal')
    writeFileSync(file, `${[...linesOf({ vault: 'core', currency: 'USD', entries, quotes: [] })].join('\n')}\n`)
    const { status, stderr, stdout } = spawnSync(program, [...words, file], { encoding: 'utf8' })
    assert.equal(status, 0, `${stderr}${stdout}`)
  })
}

test('what nobody understands is booked nowhere: it is a difference, and stays one', async () => {
  const desk = await met()
  desk.happens('other', -55n)
  assert.deepEqual((await desk.look()).map(({ what, ours, theirs }) => [what, ours, theirs]), [['cash', '250000.00', '249999.45']])
  assert.match(String(desk.heard[0]?.facts?.['detail']), /vanta-vault move NAME adjust/)
  assert.deepEqual([(await desk.look()).length, desk.heard.length], [1, 0])
})

test('what was told before the account was met is in it already, also where it could not be told then', async () => {
  for (const isDeaf of [false, true]) {
    const desk = new Desk()
    desk.activities = [{ activityId: 'old', type: 'fee', cents: -500n, quantity: 0n, day: '2026-05-01', said: 'old' }]
    desk.isDeaf = isDeaf
    assert.deepEqual(await desk.look(), [])
    desk.isDeaf = false
    desk.now = LATER
    desk.trade('core', 'buy', 1n, 40n)
    desk.happens('fee', -3n)
    assert.deepEqual([await desk.look(), desk.of('core', 'expenses:fees'), desk.heard.length], [[], 3n, 1])
    desk.assertSound()
  }
})

test('a split of what is beside the vaults, and of what several hold of one share together', async () => {
  const desk = await met()
  desk.trade('core', 'buy', 5n, 40n)
  desk.trade('spare', 'buy', 5n, 40n)
  desk.signal('split', { ratio: '3:2' }, '2026-05-06')
  // 17 shares become 25 and a half, which is paid out: core and spare have 7 each, the rest is beside them.
  desk.positions.set(SHARES, 25n * ONE)
  desk.now = '2026-05-06T15:00:00.000Z'
  const price = make('price', { at: AT, known_at: AT, source: 'test', by: 'test/0', subject: SHARES, type: 'last', price: '40.00', span: '1m', basis: 'as_traded' })
  desk.shelf.mark(price)
  // A half at 26.67 was expected: until the venue pays it there is a difference.
  assert.deepEqual((await desk.look()).map(({ what }) => what), ['cash'])
  assert.deepEqual([desk.shelf.book('core', AT).ledger.quantity(SHARES), desk.outside.shares], [7n * ONE, 11n * ONE])
  desk.happens('in_lieu', 1400n, { subject: SHARES })
  assert.deepEqual(await desk.look(), [])
  desk.restart(false)
  assert.deepEqual(await desk.look(), [])
  desk.assertSound()
})

test('cut off at any line, what was heard is heard again, and the books end the same', async () => {
  const whole = await met()
  whole.trade('core', 'buy', 30n, 40n)
  whole.trade('spare', 'buy', 10n, 40n)
  whole.happens('fee', -7n)
  whole.happens('dividend', 1000n, { subject: SHARES })
  whole.happens('capital', 5000n)
  assert.deepEqual(await whole.look(), [])
  const lines = [...whole.lines], books = JSON.stringify(whole.shelf.toState().vaults)
  const from = lines.findIndex((line) => line.includes('"activity"'))
  for (let kept = from; kept <= lines.length; kept++) {
    whole.lines.splice(0, whole.lines.length, ...lines.slice(0, kept))
    whole.journal.length = 0
    whole.shelf = new Desk().shelf
    whole.lines.splice(0, whole.lines.length, ...lines.slice(0, kept))
    const log = (of: string[]): TradeLog => ({ append: (line) => void of.push(line), sync: () => undefined, lines: () => [...of] })
    whole.shelf = new Shelf({ trades: log(whole.lines), entries: log(whole.journal), by: 'test/0' }, whole.vaultOf, {})
    whole.shelf.finish()
    assert.deepEqual(await whole.look(), [], `cut after ${kept}`)
    assert.equal(JSON.stringify(whole.shelf.toState().vaults), books, `cut after ${kept}`)
    whole.assertSound()
  }
})

test('whatever happens, the books are the account to the cent', async () => {
  const type = fc.constantFrom<Activity['type']>('fee', 'dividend', 'interest', 'capital', 'in_lieu')
  const event = fc.record({ type, cents: fc.bigInt(-5000n, 5000n), isOf: fc.boolean(), again: fc.bigInt(-5000n, 5000n), trades: fc.boolean(), restarts: fc.boolean() })
  await fc.assert(fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 8 }), async (events) => {
    const desk = await met()
    for (const { type: what, cents, isOf, again, trades, restarts } of events) {
      if (trades) desk.trade(cents % 2n === 0n ? 'core' : 'spare', 'buy', 3n, 40n)
      const happened = desk.happens(what, cents, isOf || what === 'dividend' || what === 'in_lieu' ? { subject: SHARES } : {})
      assert.deepEqual(await desk.look(), [])
      if (restarts) desk.restart(again % 2n === 0n)
      desk.becomes(happened, again)
      assert.deepEqual(await desk.look(), [])
    }
    desk.assertSound()
  }), { numRuns: 60 })
})
