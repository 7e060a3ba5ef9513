/**
 * What every broker must do, whichever it is: after the groups of execution tests that adapters of trading systems are commonly held to (market,
 * limit, change, cancel, flags, rejection, lifecycle, options). A rig is a broker with a venue behind it that does as it is told.
 */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Activity, Booked, Broker, BrokerOrder, Look, VenueFill, VenueOrder } from '#port/broker'
import { ONE } from '#domain/money/decimal'

export type Fault =
  /** The request never arrives; the venue takes it and answers like this; nothing is taken and the answer is this. */
  | 'lost' | 'hang' | 'cut' | '502 after acceptance' | '500' | '429' | 'page' | 'torn' | 'empty'

type Kind = 'fee' | 'dividend' | 'interest' | 'deposit' | 'withdrawal'
const OUR_WORDS: Readonly<Record<Kind, Activity['type']>> = { fee: 'fee', dividend: 'dividend', interest: 'interest', deposit: 'capital', withdrawal: 'capital' }
const SIZES: Readonly<Record<Kind, bigint>> = { fee: -7n, dividend: 410n, interest: 123n, deposit: 500_000n, withdrawal: -20_001n }

export interface BrokerRig {
  /** Another adapter to the same venue, as after a restart. */
  open(): Broker
  /** What the rig trades, and about what it costs. */
  readonly subject: string
  /** Of one unit, in 10^-8: the venue trades there now. */
  trade(price: bigint): void
  /** A part of one order is executed. */
  fill(clientOrderId: string, quantity: bigint, price: bigint): void
  /** The venue's own count of the orders under an id. */
  count(clientOrderId: string): number
  /** Cancels are taken note of, but not done yet. */
  cancelsLate?(late: boolean): void
  /** The next request that changes something goes wrong so; questions are answered. */
  fault?(fault: Fault): void
  /** New orders are not shown to the next questions. */
  hides?(looks: number): void
  /** The market closes: what stands for the day ends. */
  closeSession?(): void
  /** What moves money there without an execution, in cents; the function says what it comes to after all. */
  readonly moves?: {
    readonly kinds: readonly Kind[]
    happen(kind: Kind, cents: bigint): (anew: bigint) => void
  }
  /** It lists so many open orders and no more. */
  readonly mostOpen?: number
  /** Somebody else orders by hand. */
  foreign?(quantity: bigint): void
  readonly can: {
    readonly limit: boolean
    /** Flags it knows. */
    readonly atOnce: boolean
    readonly burnsIds: boolean
    /** Turns down what cannot be paid, at once or later. */
    readonly refusesFunds: boolean
    readonly options: boolean
    readonly legs: boolean
    /** Orders that wait for a price: of shares or pairs, all or those with a limit. */
    readonly stops: 'all' | 'limited' | 'none'
  }
  /** What is held and what the money is, by the venue's own count. */
  held(): { readonly cash: bigint; readonly position: bigint }
  close(): Promise<void> | void
}

const NOW = Date.now()
let named = 0

export function brokerSuite(name: string, openRig: () => Promise<BrokerRig>): void {
  const check = (title: string, run: (rig: BrokerRig, desk: Desk, context: TestContext) => Promise<void>): void => {
    test(`${name}: ${title}`, async (context) => {
      const rig = await openRig()
      try {
        await run(rig, new Desk(rig), context)
      } finally {
        await rig.close()
      }
    })
  }

  check('market: bought, filled whole, held and paid', async (rig, desk) => {
    rig.trade(40n * ONE)
    const before = rig.held()
    const order = await desk.accepted({ quantity: 8n * ONE })
    rig.trade(40n * ONE)
    const fills = await desk.fills()
    assert.deepEqual(sums(fills, order), { quantity: rig.held().position, side: 'all of it' })
    assert.equal((await desk.found(order)).state, 'filled')
    const account = told(await desk.broker.account())
    assert.equal(account.positions.get(rig.subject), rig.held().position)
    assert.equal(account.cash, rig.held().cash)
    assert.ok(paid(fills) >= before.cash - rig.held().cash, 'our count of what was paid is never less than what was')
  })

  check('market: sold again, nothing left', async (rig, desk) => {
    rig.trade(40n * ONE)
    await desk.accepted({ quantity: 8n * ONE })
    rig.trade(40n * ONE)
    await desk.fills()
    const sale = await desk.accepted({ side: 'sell', quantity: (rig.held().position / ONE) * ONE })
    rig.trade(41n * ONE)
    assert.ok((await desk.fills()).some(({ clientOrderId }) => clientOrderId === sale.clientOrderId))
    assert.ok(rig.held().position < ONE)
  })

  check('limit: rests away from the market, fills where it is reached, never beyond', async (rig, desk, context) => {
    if (!rig.can.limit) return context.skip('no limits')
    rig.trade(40n * ONE)
    const order = await desk.accepted({ type: 'limit', limit: 39n * ONE, quantity: 2n * ONE })
    assert.deepEqual([(await desk.found(order)).state, (await desk.fills()).length], ['accepted', 0])
    assert.ok((await desk.openIds()).includes(order.clientOrderId))
    rig.trade(39n * ONE + ONE / 2n)
    assert.equal((await desk.fills()).length, 0)
    rig.trade(38n * ONE)
    const [fill] = await desk.fills()
    assert.ok(fill !== undefined && fill.feeCents >= 0n && fill.price <= 39n * ONE + ONE / 10n, `at ${fill?.price}`)
    assert.equal((await desk.found(order)).state, 'filled')
    assert.ok(!(await desk.openIds()).includes(order.clientOrderId))
  })

  check('limit: a sale is at its limit or above', async (rig, desk, context) => {
    if (!rig.can.limit) return context.skip('no limits')
    rig.trade(40n * ONE)
    await desk.accepted({ quantity: 4n * ONE })
    rig.trade(40n * ONE)
    await desk.fills()
    const sale = await desk.accepted({ side: 'sell', type: 'limit', limit: 42n * ONE, quantity: 3n * ONE })
    rig.trade(41n * ONE)
    assert.ok(!(await desk.fills()).some(({ clientOrderId }) => clientOrderId === sale.clientOrderId))
    rig.trade(43n * ONE)
    const fill = (await desk.fills()).find(({ clientOrderId }) => clientOrderId === sale.clientOrderId)
    assert.ok(fill !== undefined && fill.price >= 42n * ONE)
  })

  check('conditional: a stop rests while the market trades above it, is set off where it is reached, and sells', async (rig, desk, context) => {
    if (rig.can.stops !== 'all') return context.skip('no stops without a limit')
    const sale = await desk.stopped(rig, { type: 'stop', stop: 38n * ONE })
    rig.trade(39n * ONE)
    assert.deepEqual([(await desk.found(sale)).state, (await desk.fills()).length], ['accepted', 0])
    assert.ok((await desk.openIds()).includes(sale.clientOrderId), 'what rests is listed')
    assert.equal((await desk.restarted().found(sale)).state, 'accepted', 'and found after a restart')
    rig.trade(38n * ONE)
    rig.trade(37n * ONE)
    const [fill, ...others] = await desk.fills()
    assert.deepEqual([fill?.clientOrderId, fill?.quantity, others.length], [sale.clientOrderId, sale.quantity, 0])
    assert.equal((await desk.found(sale)).state, 'filled')
  })

  check('conditional: a stop with a limit is set off, and sells no lower than that', async (rig, desk, context) => {
    if (rig.can.stops === 'none') return context.skip('no stops')
    const sale = await desk.stopped(rig, { type: 'stop_limit', stop: 38n * ONE, limit: 37n * ONE })
    // Through both at once: set off, and out of reach.
    rig.trade(36n * ONE)
    rig.trade(36n * ONE)
    assert.deepEqual([(await desk.found(sale)).state, (await desk.fills()).length], ['accepted', 0])
    rig.trade(39n * ONE)
    const [fill] = await desk.fills()
    assert.ok(fill !== undefined && fill.clientOrderId === sale.clientOrderId && fill.price >= 37n * ONE)
  })

  check('conditional: a purchase waits for a rise', async (rig, desk, context) => {
    if (rig.can.stops === 'none') return context.skip('no stops')
    rig.trade(40n * ONE)
    const order = await desk.accepted({ type: 'stop_limit', stop: 42n * ONE, limit: 45n * ONE, quantity: 2n * ONE, timeInForce: 'gtc' })
    rig.trade(41n * ONE)
    assert.equal((await desk.fills()).length, 0)
    rig.trade(42n * ONE)
    rig.trade(43n * ONE)
    const fills = await desk.fills()
    assert.deepEqual([fills.length, (await desk.found(order)).state], [1, 'filled'])
  })

  check('conditional: one that rests is called off, and sells nothing afterwards', async (rig, desk, context) => {
    if (rig.can.stops === 'none') return context.skip('no stops')
    const sale = await desk.stopped(rig, { type: 'stop_limit', stop: 38n * ONE, limit: 30n * ONE })
    assert.equal(await desk.broker.cancel(sale), 'requested')
    rig.trade(37n * ONE)
    rig.trade(36n * ONE)
    assert.deepEqual([(await desk.found(sale)).state, (await desk.fills()).length, await desk.openIds()], ['cancelled', 0, []])
  })

  check('conditional: without its price, at once, or where the venue does not list it, it is turned down before it leaves', async (rig, desk) => {
    rig.trade(40n * ONE)
    const bad: Partial<BrokerOrder>[] = [{ type: 'stop' }, { type: 'stop_limit', stop: 38n * ONE }, { type: 'stop_limit', stop: 38n * ONE, limit: 37n * ONE, timeInForce: 'ioc' }]
    if (rig.can.stops !== 'all') bad.push({ type: 'stop', stop: 38n * ONE })
    for (const more of bad) {
      const order = desk.order({ quantity: ONE, ...more })
      assert.deepEqual([(await desk.broker.submit(order)).outcome, rig.count(order.clientOrderId)], ['rejected', 0], JSON.stringify(more, (_, value: unknown) => String(value)))
    }
  })

  check('flags: at once or not at all leaves nothing behind', async (rig, desk, context) => {
    if (!rig.can.atOnce) return context.skip('it knows no such flag')
    rig.trade(40n * ONE)
    const order = await desk.accepted({ type: 'limit', limit: 30n * ONE, quantity: 2n * ONE, timeInForce: 'ioc' })
    rig.trade(40n * ONE)
    await desk.fills()
    assert.equal((await desk.found(order)).state, 'cancelled')
    assert.deepEqual(await desk.openIds(), [])
  })

  check('flags: an order of the day ends with it', async (rig, desk, context) => {
    if (rig.closeSession === undefined) return context.skip('no sessions')
    rig.trade(40n * ONE)
    const order = await desk.accepted({ type: 'limit', limit: 30n * ONE, quantity: ONE, timeInForce: 'day' })
    rig.closeSession()
    assert.equal((await desk.found(order)).state, 'expired')
  })

  check('partial fills: each once, whoever asks and however often; the sum is the venue\'s', async (rig, desk) => {
    rig.trade(40n * ONE)
    const order = await desk.accepted({ quantity: 8n * ONE })
    rig.fill(order.clientOrderId, 3n * ONE, 40n * ONE)
    const first = await desk.fills()
    assert.equal((await desk.found(order)).state, 'accepted')
    assert.deepEqual(await desk.fills(), [])
    rig.fill(order.clientOrderId, 2n * ONE, 41n * ONE)
    const second = await desk.fills()
    assert.ok(first.length === 1 && second.length === 1)
    const after = await desk.restarted().again()
    const all = new Map([...first, ...second].map((fill) => [fill.fillId, fill.quantity]))
    for (const { fillId, quantity } of after) assert.equal(all.get(fillId), quantity, `${fillId} is told again as it was`)
    assert.equal([...all.values()].reduce((sum, quantity) => sum + quantity, 0n), rig.held().position)
    assert.equal((await desk.found(order)).filled, desk.booked(order))
  })

  check('change: by cancelling and ordering anew, under another id', async (rig, desk, context) => {
    if (!rig.can.limit) return context.skip('no limits')
    rig.trade(40n * ONE)
    const first = await desk.accepted({ type: 'limit', limit: 35n * ONE, quantity: 2n * ONE })
    assert.equal(await desk.broker.cancel(first), 'requested')
    assert.equal((await desk.found(first)).state, 'cancelled')
    const second = await desk.accepted({ type: 'limit', limit: 36n * ONE, quantity: 2n * ONE })
    assert.deepEqual([await desk.openIds(), rig.count(first.clientOrderId), rig.count(second.clientOrderId)], [[second.clientOrderId], 1, 1])
  })

  check('cancel: asked for twice it ends once', async (rig, desk) => {
    rig.trade(40n * ONE)
    const order = await desk.accepted({ type: rig.can.limit ? 'limit' : 'market', limit: 30n * ONE, quantity: ONE })
    assert.equal(await desk.broker.cancel(order), 'requested')
    await desk.broker.cancel(order)
    assert.equal((await desk.found(order)).state, 'cancelled')
  })

  check('cancel: of what is partly filled keeps what was filled', async (rig, desk) => {
    rig.trade(40n * ONE)
    const order = await desk.accepted({ quantity: 5n * ONE })
    rig.fill(order.clientOrderId, 2n * ONE, 40n * ONE)
    await desk.fills()
    await desk.broker.cancel(order)
    const { state, filled } = await desk.found(order)
    assert.deepEqual([state, filled], ['cancelled', desk.booked(order)])
  })

  check('cancel: a fill that comes first is told, and wins', async (rig, desk) => {
    rig.trade(40n * ONE)
    const order = await desk.accepted({ quantity: 5n * ONE })
    rig.fill(order.clientOrderId, 5n * ONE, 40n * ONE)
    await desk.broker.cancel(order)
    await desk.fills()
    assert.deepEqual([(await desk.found(order)).state, desk.booked(order)], ['filled', rig.held().position])
  })

  check('cancel: taken note of is not gone, and may fill yet', async (rig, desk, context) => {
    if (rig.cancelsLate === undefined) return context.skip('it cancels at once')
    rig.trade(40n * ONE)
    rig.cancelsLate(true)
    const order = await desk.accepted({ quantity: 5n * ONE })
    await desk.broker.cancel(order)
    assert.equal((await desk.found(order)).state, 'pending')
    assert.ok((await desk.openIds()).includes(order.clientOrderId))
    rig.fill(order.clientOrderId, 5n * ONE, 40n * ONE)
    await desk.fills()
    assert.deepEqual([(await desk.found(order)).state, desk.booked(order)], ['filled', rig.held().position])
  })

  check('cancel: of what the venue does not know claims nothing', async (rig, desk) => {
    rig.trade(40n * ONE)
    const never = desk.order({ quantity: ONE })
    if (rig.fault !== undefined) assert.equal(await desk.broker.cancel(never), 'unknown')
    assert.equal((await desk.broker.look(never)).look, 'absent')
  })

  check('rejection: more than can be paid', async (rig, desk, context) => {
    if (!rig.can.refusesFunds) return context.skip('it fills what can be paid')
    rig.trade(40n * ONE)
    const order = desk.order({ quantity: 1_000_000n * ONE })
    const answer = await desk.broker.submit(order)
    // At once, or taken in and turned down.
    if (answer.outcome === 'accepted') assert.equal((await desk.found(order)).state, 'rejected')
    else assert.equal(answer.outcome, 'rejected')
    assert.deepEqual([await desk.openIds(), rig.held().position], [[], 0n])
  })

  check('buying power: what may be spent, less what is promised to orders', async (rig, desk, context) => {
    const before = told(await desk.broker.account()).buyingPower
    if (before === undefined) return context.skip('the cash is all there is to say')
    assert.equal(before, rig.held().cash)
    await desk.accepted({ type: 'limit', limit: 30n * ONE, quantity: 5n * ONE })
    const account = told(await desk.broker.account())
    assert.deepEqual([account.buyingPower, account.cash], [before - 15_000n, before])
  })

  check('rejection: more sold than is held', async (rig, desk, context) => {
    if (!rig.can.refusesFunds) return context.skip('the desk sells no more than is held')
    rig.trade(40n * ONE)
    const order = desk.order({ side: 'sell', quantity: 5n * ONE })
    const answer = await desk.broker.submit(order)
    if (answer.outcome === 'accepted') assert.equal((await desk.found(order)).state, 'rejected')
    else assert.equal(answer.outcome, 'rejected')
  })

  check('rejection: nothing at all, and what nobody trades', async (_rig, desk) => {
    assert.equal((await desk.broker.submit(desk.order({ quantity: 0n }))).outcome, 'rejected')
    if (_rig.fault === undefined) return
    const odd = desk.order({ subject: 'series:CPIAUCSL', quantity: ONE })
    assert.equal((await desk.broker.submit(odd)).outcome, 'rejected')
  })

  check('ids: one that is sent again never makes a second order, or is never sent again', async (rig, desk) => {
    rig.trade(40n * ONE)
    const order = await desk.accepted({ type: rig.can.limit ? 'limit' : 'market', limit: 30n * ONE, quantity: ONE })
    assert.equal(desk.broker.rules.idempotent, rig.can.burnsIds)
    if (!rig.can.burnsIds) return
    const again = await desk.broker.submit(order)
    assert.notEqual(again.outcome, 'rejected', 'it has the order: that is no rejection of it')
    assert.equal(rig.count(order.clientOrderId), 1)
    await desk.broker.cancel(order)
    assert.notEqual((await desk.broker.submit(order)).outcome, 'rejected')
    assert.equal(rig.count(order.clientOrderId), 1, 'nor after it was cancelled')
  })

  for (const [fault, taken] of FAULTS) {
    check(`transport: ${fault} is neither yes nor no, and the venue's word ends it`, async (rig, desk, context) => {
      if (rig.fault === undefined) return context.skip('nothing is between us')
      rig.trade(40n * ONE)
      await desk.openIds()
      rig.fault(fault)
      const order = desk.order({ type: 'limit', limit: 30n * ONE, quantity: ONE })
      const answer = await desk.broker.submit(order)
      assert.equal(answer.outcome, 'unknown', JSON.stringify(answer))
      const look = await desk.broker.look(order)
      assert.equal(look.look, taken ? 'found' : 'absent')
      assert.equal(rig.count(order.clientOrderId), taken ? 1 : 0, 'an order is never sent again by itself')
    })
  }

  check('transport: a question that is not answered at first is asked again', async (rig, desk, context) => {
    if (rig.fault === undefined) return context.skip('nothing is between us')
    rig.trade(40n * ONE)
    rig.fault('500')
    const order = desk.order({ type: 'limit', limit: 30n * ONE, quantity: ONE })
    await desk.broker.submit(order)
    assert.equal((await desk.accepted({ type: 'limit', limit: 30n * ONE, quantity: ONE })).quantity, ONE)
  })

  check('lists that lag: absent now is absent now, and found later', async (rig, desk, context) => {
    if (rig.hides === undefined) return context.skip('it shows all at once')
    rig.trade(40n * ONE)
    await desk.openIds()
    rig.hides(6)
    const order = desk.order({ type: 'limit', limit: 30n * ONE, quantity: ONE })
    const fresh = rig.open()
    assert.equal((await desk.broker.submit(order)).outcome, 'accepted')
    const first = await fresh.look(order)
    assert.notEqual(first.look, 'unknown')
    for (let i = 0; i < 6; i++) await fresh.openOrders()
    assert.equal((await fresh.look(order)).look, 'found')
  })

  check('restart: what was ordered is found by the id alone, and filled in the meantime', async (rig, desk) => {
    rig.trade(40n * ONE)
    const order = await desk.accepted({ quantity: 4n * ONE })
    rig.fill(order.clientOrderId, 4n * ONE, 40n * ONE)
    const later = desk.restarted()
    await later.fills()
    assert.deepEqual([(await later.found(order)).state, later.booked(order)], ['filled', rig.held().position])
  })

  check('reconciliation: many orders, over many pages, and those of others', async (rig, desk, context) => {
    if (rig.foreign === undefined) return context.skip('nobody else is there')
    rig.trade(40n * ONE)
    const count = rig.mostOpen === undefined ? 130 : rig.mostOpen - 2, ids = new Set<string>()
    for (let i = 0; i < count; i++) ids.add((await desk.accepted({ type: 'limit', limit: 30n * ONE, quantity: ONE })).clientOrderId)
    rig.foreign(ONE)
    const open = await desk.openIds()
    assert.equal(open.length, count + 1)
    assert.equal(open.filter((id) => ids.has(id)).length, count)
    if (rig.mostOpen !== undefined) {
      const last = await desk.accepted({ type: 'limit', limit: 30n * ONE, quantity: ONE })
      assert.ok('unknown' in (await desk.broker.openOrders()), 'there may be more than it lists')
      await desk.broker.cancel(last)
    }
    for (const id of ids) rig.fill(id, ONE, 30n * ONE)
    const fills = await desk.fills()
    assert.deepEqual([fills.length, new Set(fills.map(({ fillId }) => fillId)).size], [count, count])
    assert.deepEqual((await desk.openIds()).length, 1)
  })

  check('activities: each once, whoever asks and however often; together with the executions they are all that moved the cash', async (rig, desk, context) => {
    if (rig.moves === undefined) return context.skip('its money moves by executions alone')
    const before = rig.held().cash
    for (const kind of rig.moves.kinds) rig.moves.happen(kind, SIZES[kind])
    const first = await desk.activities()
    assert.deepEqual(first.map(({ type, cents }) => [type, cents]).sort(), rig.moves.kinds.map((kind) => [OUR_WORDS[kind], SIZES[kind]]).sort())
    assert.equal(first.find(({ type }) => type === 'dividend')?.subject, rig.moves.kinds.includes('dividend') ? rig.subject : undefined)
    assert.equal(new Set(first.map(({ activityId }) => activityId)).size, first.length)
    rig.trade(40n * ONE)
    await desk.accepted({ quantity: 2n * ONE })
    rig.trade(40n * ONE)
    const spent = paid(await desk.fills())
    assert.deepEqual(await desk.restarted().activities(), first, 'an execution is none, and names stay')
    const moved = first.reduce((sum, { cents }) => sum + cents, 0n)
    assert.ok(before + moved - spent <= rig.held().cash)
  })

  check('activities: told late, corrected, called off; the sum is the venue\'s', async (rig, desk, context) => {
    const { moves } = rig
    if (moves === undefined) return context.skip('its money moves by executions alone')
    const before = rig.held().cash
    const put = moves.kinds.map((kind) => ({ kind, to: moves.happen(kind, SIZES[kind]) }))
    const first = await desk.activities()
    for (const { kind, to } of put) to(kind === 'withdrawal' ? 0n : SIZES[kind] + 11n)
    // One more of the same day, the same to the letter.
    moves.happen('deposit', SIZES.deposit)
    const told = await desk.activities()
    assert.equal(told.reduce((sum, { cents }) => sum + cents, 0n), rig.held().cash - before)
    assert.equal(new Set(told.map(({ activityId }) => activityId)).size, told.length)
    // What is put right goes by the name it had, or the old stands beside it.
    const names = new Set(told.map(({ activityId }) => activityId))
    assert.ok(first.every(({ activityId, type, cents }) => names.has(activityId) || (type === 'capital' && cents < 0n)))
  })

  check('activities: many, over many pages', async (rig, desk, context) => {
    const { moves } = rig
    if (moves === undefined) return context.skip('its money moves by executions alone')
    for (let i = 1; i <= 130; i++) moves.happen('deposit', BigInt(i))
    const told = await desk.activities()
    assert.deepEqual([told.length, told.reduce((sum, { cents }) => sum + cents, 0n)], [130, 8515n])
  })

  check('quotes: what is held trades at the price of the last trade, now; of what is not traded there is none', async (rig, desk, context) => {
    if (desk.broker.quotes === undefined) return context.skip('it lives on the prices that pass')
    rig.trade(40n * ONE)
    await desk.accepted({ quantity: 8n * ONE })
    rig.trade(40n * ONE)
    rig.trade(39n * ONE + ONE / 4n)
    const quotes = told(await desk.broker.quotes([rig.subject, 'ticker:NOBODY', 'pair:NO/BODY', 'pair:NOBODY/USDT', 'author:x:y'])), { price, atMs = Date.now() } = quotes.get(rig.subject) ?? {}
    assert.deepEqual([[...quotes.keys()], price], [[rig.subject], 39n * ONE + ONE / 4n])
    assert.ok(Math.abs(Date.now() - atMs) < 60_000)
    rig.fault?.('500')
    assert.ok('told' in await desk.broker.quotes([rig.subject]), 'a question is asked again')
  })

  check('options: contracts are bought to open and sold to close, at prices of whole contracts', async (rig, desk, context) => {
    if (!rig.can.options) return context.skip('no options')
    const subject = 'option:AAPL270115C00150000'
    const before = rig.held().cash
    const order = await desk.accepted({ subject, type: 'limit', limit: 235n * ONE, quantity: 2n * ONE })
    rig.fill(order.clientOrderId, 2n * ONE, 235n * ONE)
    const [fill] = await desk.fills()
    assert.deepEqual([fill?.quantity, fill?.price], [2n * ONE, 235n * ONE])
    assert.equal(before - rig.held().cash, 47_000n)
    const account = told(await desk.broker.account())
    assert.deepEqual([account.positions.get(subject), account.cash], [2n * ONE, rig.held().cash])
    assert.equal((await desk.found(order)).subject, subject)
    const sale = await desk.accepted({ subject, side: 'sell', type: 'limit', limit: 240n * ONE, quantity: 2n * ONE })
    rig.fill(sale.clientOrderId, 2n * ONE, 240n * ONE)
    await desk.fills()
    assert.equal(told(await desk.broker.account()).positions.get(subject), undefined)
    const uneven = await desk.broker.submit(desk.order({ subject, type: 'limit', limit: 235n * ONE + 1n, quantity: ONE }))
    assert.equal(uneven.outcome, 'rejected')
  })

  check('several legs: at once, each told by itself', async (rig, desk, context) => {
    if (!rig.can.legs) return context.skip('no legs')
    const legs = [
      { subject: 'option:AAPL270115C00150000', side: 'buy', effect: 'open', ratio: 1 },
      { subject: 'option:AAPL270115C00160000', side: 'sell', effect: 'open', ratio: 1 },
    ] as const
    const order = await desk.accepted({ subject: 'ticker:AAPL', type: 'limit', limit: 120n * ONE, quantity: 3n * ONE, legs })
    const standing = await desk.found(order)
    assert.deepEqual([standing.subject, standing.side, standing.quantity, standing.state], ['ticker:AAPL', 'buy', 3n * ONE, 'accepted'])
    rig.fill(order.clientOrderId, 3n * ONE, 120n * ONE)
    const fills = await desk.fills()
    assert.deepEqual(fills.map(({ clientOrderId, leg, quantity }) => [clientOrderId, leg?.subject, leg?.side, quantity]), legs.map(({ subject, side }) =>
      [order.clientOrderId, subject, side, 3n * ONE]))
    assert.equal((await desk.found(order)).state, 'filled')
    const one = await desk.broker.submit(desk.order({ subject: 'ticker:AAPL', quantity: ONE, legs: legs.slice(0, 1) }))
    assert.equal(one.outcome, 'rejected')
  })
}

/** Whether the venue has the order after it. */
const FAULTS: readonly (readonly [Fault, boolean])[] = [
  ['lost', false], ['hang', true], ['cut', true], ['502 after acceptance', true], ['500', false], ['429', false], ['page', true], ['torn', true], ['empty', true],
]

function told<T>(answer: { readonly told: T } | { readonly unknown: string }): T {
  if ('unknown' in answer) throw new Error(answer.unknown)
  return answer.told
}

const sums = (fills: readonly VenueFill[], { clientOrderId }: BrokerOrder): object => ({
  quantity: fills.filter((fill) => fill.clientOrderId === clientOrderId).reduce((sum, { quantity }) => sum + quantity, 0n),
  side: fills.every((fill) => fill.clientOrderId === clientOrderId) ? 'all of it' : 'others too',
})
const paid = (fills: readonly VenueFill[]): bigint =>
  fills.reduce((sum, { quantity, price, feeCents }) => sum + (quantity * price + 99_999_999_999_999n) / 100_000_000_000_000n + feeCents, 0n)

/** Books, as small as they can be: what was ordered, and each execution once. */
class Desk {
  readonly broker: Broker
  readonly #rig: BrokerRig
  readonly #orders: Map<string, BrokerOrder & { filled: bigint; fillIds: Set<string> }>
  #mark: string | undefined

  constructor(rig: BrokerRig, orders = new Map<string, BrokerOrder & { filled: bigint; fillIds: Set<string> }>()) {
    this.#rig = rig
    this.#orders = orders
    this.broker = rig.open()
  }

  /** The same books, another process; the mark was lost with the first. */
  restarted(): Desk {
    return new Desk(this.#rig, this.#orders)
  }

  order(more: Partial<BrokerOrder>): BrokerOrder {
    const clientOrderId = `c${String(++named).padStart(6, '0')}0123456789abcdef0123456`
    const order = {
      clientOrderId, vault: 'core', subject: this.#rig.subject, side: 'buy' as const, type: 'market' as const, quantity: ONE, filled: 0n, timeInForce: 'day' as const,
      fillIds: new Set<string>(), sentMs: NOW, expiresMs: NOW + 86_400_000 * 3, ...more,
    }
    const { limit: _, ...plain } = order
    const made = order.type === 'limit' || order.type === 'stop_limit' ? order : plain
    this.#orders.set(clientOrderId, { ...made, filled: 0n, fillIds: new Set() })
    return this.#known(clientOrderId)
  }

  #known(id: string): BrokerOrder & { filled: bigint; fillIds: Set<string> } {
    const order = this.#orders.get(id)
    if (order === undefined) throw new Error(`no order ${id}`)
    return order
  }

  async accepted(more: Partial<BrokerOrder>): Promise<BrokerOrder> {
    const order = this.order(more)
    assert.deepEqual(await this.broker.submit(order), { outcome: 'accepted' })
    return order
  }

  /** Bought at 40, with a sale that waits. */
  async stopped(rig: BrokerRig, more: Partial<BrokerOrder>): Promise<BrokerOrder> {
    rig.trade(40n * ONE)
    await this.accepted({ quantity: 4n * ONE })
    rig.trade(40n * ONE)
    await this.fills()
    return this.accepted({ side: 'sell', quantity: 3n * ONE, timeInForce: 'gtc', ...more })
  }

  async found({ clientOrderId }: BrokerOrder): Promise<VenueOrder> {
    const look: Look = await this.broker.look(this.#known(clientOrderId))
    if (look.look !== 'found') throw new Error(`${clientOrderId}: ${JSON.stringify(look)}`)
    return look.order
  }

  async openIds(): Promise<string[]> {
    return told(await this.broker.openOrders()).map(({ clientOrderId }) => clientOrderId)
  }

  async activities(): Promise<readonly Activity[]> {
    const answer = await this.broker.activities?.(Date.now() - 3 * 86_400_000, Date.now())
    if (answer === undefined) throw new Error('it tells of none')
    return told(answer)
  }

  booked({ clientOrderId }: BrokerOrder): bigint {
    return this.#known(clientOrderId).filled
  }

  /** Executions that are new to these books. */
  async fills(): Promise<VenueFill[]> {
    const fresh: VenueFill[] = []
    for (const fill of await this.again()) {
      const order = this.#orders.get(fill.clientOrderId)
      if (order === undefined || order.fillIds.has(fill.fillId)) continue
      order.fillIds.add(fill.fillId)
      order.filled += fill.quantity
      fresh.push(fill)
    }
    return fresh
  }

  /** Whatever is told now. */
  async again(): Promise<readonly VenueFill[]> {
    const booked: Booked = {
      order: (id) => this.#orders.get(id),
      subjects: () => new Set([...this.#orders.values()].map(({ subject }) => subject)),
    }
    const { fills, mark } = told(await this.broker.fills(this.#mark, Date.now(), booked))
    this.#mark = mark
    return fills
  }
}
