/** The built executor as a process, against venues that keep their own books. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Control, Order } from '#record'
import { KEY, startAlpaca, type LocalVenue } from '../service/venues/alpaca.ts'
import { units, type Standing } from '../service/venues/exchange.ts'
import { startTradier, TOKEN } from '../service/venues/tradier.ts'
import { makeHome, type Home } from './venue_home.ts'

const TICKERS = ['AAPL', 'GME', 'SPY']
const SECRETS = { alpaca: KEY, tradier: TOKEN }

/** The market is always there: half of an order at once, the rest a little later. */
function trading({ exchange }: LocalVenue): void {
  for (const ticker of TICKERS) exchange.prices.set(ticker, units('40'))
  exchange.onChange((order) => {
    if (order.state !== 'open' || order.clientId === 'by-hand') return
    setTimeout(() => {
      if (order.state !== 'open') return
      const left = order.quantity - order.filled, half = (left / 2n / 100_000_000n) * 100_000_000n
      exchange.fill(order, order.filled === 0n && half > 0n ? half : left, units('40.05'))
    }, 120)
  })
}

function vanta(tool: string, home: Home, ...words: string[]): void {
  const { status, stderr } = spawnSync(`bin/${tool}`, words, { env: { ...process.env, VANTA_HOME: home.folder }, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

const placed = (orders: readonly Standing[]): string[] => orders.map(({ clientId, symbol, side, quantity }) => `${clientId} ${side} ${quantity} ${symbol}`).sort()
const differences = (records: readonly { readonly kind: string }[]): object[] =>
  records.filter((record): record is Control => record.kind === 'control' && (record as Control).type === 'difference').map(({ facts }) => facts ?? {})

async function inHome(run: (home: Home, venue: LocalVenue, at: readonly string[]) => Promise<void>, fills = true): Promise<void> {
  const venue = await startAlpaca()
  const home = makeHome(SECRETS, TICKERS)
  if (fills) trading(venue)
  try {
    await run(home, venue, ['--broker', 'alpaca', '--endpoint', venue.service.endpoint])
  } finally {
    home.remove()
    await venue.service.close()
  }
}

test('allocations become orders at Alpaca, are watched until they are filled, and the books agree to the cent', () => inHome(async (home, { exchange, service }, at) => {
  const { status, records, err } = await home.run([...at, '--poll', '100ms', '--poll-for', '20s', home.allocations])
  assert.equal(status, 0, err)
  const last = new Map(records.filter((record): record is Order => record.kind === 'order').map((order) => [order.client_order_id, order.state]))
  assert.deepEqual([...last.values()], ['filled', 'filled', 'filled'])
  assert.deepEqual([...last.keys()].sort(), exchange.orders.map(({ clientId }) => clientId).sort())
  assert.equal((await home.run(['reconcile', ...at])).status, 0)
  assert.ok(service.asked.some(({ url }) => url === '/stream'), 'its updates are listened to')
}))

test('reconcile: 1 and the differences where they disagree, 69 where the venue is not heard, and nothing is written', () => inHome(async (home, { exchange, service }, at) => {
  assert.equal((await home.run([...at, '--poll', '100ms', '--poll-for', '20s', home.allocations])).status, 0)
  const before = home.log().length
  exchange.cash -= units('12.34')
  exchange.positions.set('AAPL', (exchange.positions.get('AAPL') ?? 0n) + units('3'))
  exchange.place({ clientId: 'by-hand', symbol: 'GME', side: 'buy', type: 'limit', limit: units('1'), quantity: units('1'), timeInForce: 'gtc' })
  const found = await home.run(['reconcile', ...at])
  assert.equal(found.status, 1)
  const what = differences(found.records).map((facts) => `${(facts as { what: string }).what} ${(facts as { name: string }).name}`)
  assert.deepEqual(what.sort(), ['cash ', 'order by-hand', 'position ticker:AAPL'])
  assert.equal(home.log().length, before)
  service.misbehave = () => ({ kind: 'status', status: 503 })
  assert.equal((await home.run(['reconcile', ...at, '--timeout', '1s'])).status, 69)
  service.misbehave = undefined
  // And nothing is traded meanwhile.
  assert.equal((await home.run(['reconcile', '--broker', 'alpaca', '--endpoint', 'http://127.0.0.1:1', '--timeout', '1s'])).status, 69)
}))

test('fees, dividends and interest at Alpaca are booked by the next run, once; money that was brought lies beside the vaults', () => inHome(async (home, { exchange }, at) => {
  assert.equal((await home.run([...at, '--poll', '100ms', '--poll-for', '20s', home.allocations])).status, 0)
  exchange.happen('fee', -units('0.07'))
  exchange.happen('dividend', units('4.10'), 'AAPL')
  exchange.happen('interest', units('1.25'))
  exchange.happen('deposit', units('500'))
  const before = home.log().length, asked = await home.run(['reconcile', ...at])
  assert.deepEqual([asked.status, home.log().length], [0, before], asked.err)
  assert.equal((await home.run([...at, '/dev/null'])).status, 0)
  const told = home.log().slice(before)
  const words = told.map((record) => (record.kind === 'entry' ? `entry ${record.type}` : record.kind === 'control' ? String(record.facts?.['what']) : record.kind))
  assert.deepEqual(words.sort(), ['capital', 'dividend', 'entry dividend_paid', 'entry fee', 'entry interest', 'fee', 'interest'])
  assert.equal((await home.run([...at, '/dev/null'])).status, 0)
  assert.equal(home.log().length, before + told.length, 'and not again')
  const { stdout } = spawnSync('bin/vanta-vault', ['ledger', 'core', '--check'], { env: { ...process.env, VANTA_HOME: home.folder }, encoding: 'utf8' })
  assert.match(stdout, /agree with the trade log/)
  exchange.happen('withdrawal', -units('100000'))
  const taken = await home.run(['reconcile', ...at])
  assert.deepEqual([taken.status, /vanta-vault move NAME withdraw/.test(taken.err)], [1, true])
}))

for (const [broker, start] of [['alpaca', startAlpaca], ['tradier', startTradier]] as const) {
  test(`what ${broker} says may be spent bounds what is ordered, though there is cash for more: BUYING_POWER`, async () => {
    const venue = await start(), home = makeHome(SECRETS, TICKERS)
    trading(venue)
    venue.exchange.unsettled = venue.exchange.cash - units('200')
    try {
      const { status, records, err } = await home.run(['--broker', broker, '--endpoint', venue.service.endpoint, home.allocations])
      assert.equal(status, 0, err)
      const codes = records.flatMap((record) => (record.kind === 'refusal' ? [record.code] : []))
      assert.deepEqual([codes, venue.exchange.orders.map(({ quantity }) => quantity)], [['BUYING_POWER', 'BUYING_POWER'], [units('4')]])
    } finally {
      home.remove()
      await venue.service.close()
    }
  })
}

test('a dry run says the very requests that are sent without it, and leaves no trace', () => inHome(async (home, { service, exchange }, at) => {
  const dry = await home.run([...at, '--dry-run', home.allocations])
  assert.deepEqual([dry.status, service.asked.length, exchange.orders.length], [0, 0, 0], dry.err)
  const requests = dry.records.filter((record): record is Control => record.kind === 'control' && record.type === 'request')
    .map(({ facts }) => facts as { method: string; url: string; body: string; headers: { [name: string]: string } })
  assert.deepEqual(dry.records.filter(({ kind }) => kind === 'order' || kind === 'entry'), [])
  assert.ok(!dry.out.includes(KEY.secret) && !dry.out.includes(KEY.key_id))
  assert.equal((await home.run([...at, home.allocations])).status, 0)
  const sent = service.asked.filter(({ method }) => method === 'POST')
  assert.deepEqual(requests.map(({ method, url, body }) => [method, new URL(url).pathname, body]), sent.map(({ method, url, body }) => [method, url, body]))
  for (const [i, { headers }] of requests.entries()) {
    for (const [name, value] of Object.entries(headers)) {
      const real = String(sent[i]?.headers[name])
      assert.equal(value.replace('{key_id}', KEY.key_id).replace('{secret}', KEY.secret), real, name)
    }
  }
}))

test('three keys: without each of them real money is refused with 77, and so is any address but a paper account\'s', () => inHome(async (home, { exchange, service }, at) => {
  const refused = async (...words: string[]): Promise<string> => {
    const { status, err } = await home.run(words)
    assert.equal(status, 77, err)
    return err
  }
  assert.match(await refused(...at, '--live', home.allocations), /no vault is in mode live/)
  assert.match(await refused('--broker', 'alpaca', '--endpoint', 'https://api.alpaca.markets', home.allocations), /needs --live/)
  assert.match(await refused('--broker', 'tradier', '--endpoint', 'http://192.0.2.1', home.allocations), /needs --live/)
  assert.equal(service.asked.length, 0)
  vanta('vanta-vault', home, 'set', 'core', 'mode=live')
  assert.equal((await home.run([...at, '--live', '--poll', '100ms', '--poll-for', '20s', home.allocations])).status, 0)
  assert.equal(exchange.orders.length, 3)
  // An edit that nobody signed is no key.
  vanta('vanta-vault', home, 'set', 'core', 'mode=paper')
  const vaults = join(home.folder, 'memory/vault.json')
  writeFileSync(vaults, readFileSync(vaults, 'utf8').replace('"mode":"paper"', '"mode":"live"').replace('"mode": "paper"', '"mode": "live"'))
  assert.equal((await home.run([...at, '--live', home.allocations])).status, 78)
}))

test('what Alpaca took and did not say is found again: no order is ever called rejected for a lost answer', () => inHome(async (home, { exchange, service }, at) => {
  let posts = 0
  // Taken, but answered by the load balancer; then never answered; then in half.
  service.misbehave = ({ method }) => {
    if (method !== 'POST') return undefined
    switch (posts++) {
      case 0: return { kind: 'status', status: 504, body: '<html>Gateway Time-out</html>' }
      case 1: return { kind: 'silent' }
      default: return { kind: 'cut' }
    }
  }
  const { status, records, err } = await home.run([...at, '--timeout', '500ms', '--poll', '100ms', '--poll-for', '20s', home.allocations])
  assert.equal(status, 0, err)
  const orders = records.filter((record): record is Order => record.kind === 'order')
  assert.ok(orders.some(({ state }) => state === 'unknown') && orders.every(({ state }) => state !== 'rejected' && state !== 'expired'))
  assert.deepEqual([exchange.orders.length, exchange.orders.every(({ state }) => state === 'filled')], [3, true])
  assert.equal((await home.run(['reconcile', ...at])).status, 0)
}))

test('the kill switch cancels what rests at the venue, and nothing else leaves', () => inHome(async (home, { exchange, service }, at) => {
  assert.equal((await home.run([...at, home.allocations])).status, 0)
  assert.equal(exchange.live().length, 3)
  vanta('vanta-overlay', home, 'kill', '--reason', 'drill')
  service.reset()
  const killed = await home.run([...at, home.allocations])
  assert.deepEqual([killed.status, exchange.live().length], [77, 0], killed.err)
  assert.deepEqual([...new Set(service.asked.map(({ method }) => method))].sort(), ['DELETE', 'GET'])
}, false))

/** Killed so often, at moments from the first instant of a run to past its end; those that ended before are not counted. */
async function tormented(home: Home, words: readonly string[], kills: number): Promise<void> {
  for (let run = 0, killed = 0; killed < kills; run++) {
    assert.ok(run < 5 * kills, `${killed} of ${kills} were killed before they had ended`)
    const { status } = await home.run(words, 40 + ((run * 37) % 97) * 2)
    if (status === 137) killed++
  }
}

test('killed at 25 moments and started again, the same orders are at Alpaca as of a run that nobody killed, none twice', { timeout: 240_000 }, async () => {
  const calm = await startAlpaca(), wild = await startAlpaca()
  const home = makeHome(SECRETS, TICKERS), other = makeHome(SECRETS, TICKERS, home)
  trading(calm)
  trading(wild)
  try {
    const words = (venue: LocalVenue, of: Home): string[] => ['--broker', 'alpaca', '--endpoint', venue.service.endpoint, '--poll', '50ms', '--poll-for', '20s', of.allocations]
    assert.equal((await home.run(words(calm, home))).status, 0)
    await tormented(other, words(wild, other), 25)
    const { status, err } = await other.run(words(wild, other))
    assert.equal(status, 0, err)
    assert.deepEqual(placed(wild.exchange.orders), placed(calm.exchange.orders))
    assert.deepEqual([...wild.exchange.positions].sort(), [...calm.exchange.positions].sort())
    const reconciled = await other.run(['reconcile', '--broker', 'alpaca', '--endpoint', wild.service.endpoint])
    assert.equal(reconciled.status, 0, reconciled.err)
  } finally {
    for (const { remove } of [home, other]) remove()
    await calm.service.close()
    await wild.service.close()
  }
})

test('killed as often at Tradier, where a tag is no key: no order twice, and the books agree', { timeout: 240_000 }, async () => {
  const venue = await startTradier()
  const home = makeHome(SECRETS, TICKERS)
  trading(venue)
  try {
    const at = ['--broker', 'tradier', '--endpoint', venue.service.endpoint]
    await tormented(home, [...at, '--poll', '50ms', '--poll-for', '5s', home.allocations], 25)
    await home.run([...at, '--poll', '50ms', '--poll-for', '5s', home.allocations])
    const tags = venue.exchange.orders.map(({ clientId }) => clientId)
    assert.equal(new Set(tags).size, tags.length)
    assert.ok(tags.length > 0)
    const { records, err } = await home.run(['reconcile', ...at])
    // An order may be unknown yet, if it was killed before it left; money and shares agree whatever happened.
    assert.deepEqual(differences(records).filter((facts) => (facts as { what: string }).what !== 'order'), [], err)
  } finally {
    home.remove()
    await venue.service.close()
  }
})
