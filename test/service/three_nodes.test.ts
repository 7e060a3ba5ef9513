/**
 * The loop across three hosts, on the recorded season: Markets hears and concludes, Alpha decides and signs, the executor trades on paper, Alpha keeps
 * the record; what they come to is what one machine comes to.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { ROLES, type Role } from '#domain/node/role'
import { seededRandom } from '#tool/random'
import { identify, lineOf, type Allocation, type Order, type Vanta } from '#record'
import { openPrint, tick } from '../execute/desk_world.ts'
import { noHosts, oneMachine, PORT, SERVER, threeHosts, type Host, type Hosts, type Running } from './hosts.ts'

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url)))), skip = noHosts() ?? false
const CYCLE: readonly (readonly [Role, string])[] = [
  ['markets', 'refine'], ['markets', 'convict'], ['alpha', 'allocate'], ['executor', 'trade'], ['alpha', 'books'],
]

/** One machine without streams: what it says. */
function alone(tool: string, words: readonly string[], home: string, input = ''): string {
  const env = { ...process.env, VANTA_HOME: home, VANTA_NOW: 'stream' }
  const { status, stdout, stderr } = spawnSync(join(project, 'bin', tool), words, { cwd: project, input, encoding: 'utf8', maxBuffer: 1 << 28, env })
  assert.equal(status, 0, `${tool} ${words.join(' ')}: ${stderr}`)
  return stdout
}

const heard = (from: string, to: string): string => alone('vanta-replay', ['--data', 'samples/season', '--from', from, '--to', to], tmpdir())

/** The ids of the records of a kind, in order, each as often as it stands there. */
const idsOf = (lines: readonly string[], kind: string): readonly string[] =>
  lines.filter((line) => line.startsWith(`{"kind":"${kind}"`)).map((line) => (JSON.parse(line) as { id: string }).id)

const CONCLUDED = ['signal', 'risk', 'belief', 'conviction', 'ranking', 'outcome', 'allocation'] as const, TRADED = ['order', 'fill', 'entry', 'pnl'] as const
const said = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')

/** In the log of the node each id stands once, and what one machine said of these kinds stands in the logs of those it was for. */
function sameAs(reference: readonly string[], kinds: readonly string[], { markets, alpha, executor }: Hosts): void {
  for (const host of [markets, alpha, executor]) {
    const ids = host.lines('logs', 'audit.jsonl').map((line) => (JSON.parse(line) as { id: string }).id)
    assert.equal(new Set(ids).size, ids.length, `${host.role}: an id twice in its log`)
  }
  for (const kind of kinds) {
    const expected = [...new Set(idsOf(reference, kind))].sort()
    for (const host of [alpha, executor]) assert.deepEqual([...idsOf(host.lines('logs', 'audit.jsonl'), kind)].sort(), expected, `${host.role}: ${kind}`)
  }
}

test('three hosts come to what one machine comes to, and each proves its part', { skip, timeout: 300_000 }, async () => {
  const hosts = await threeHosts(['stops.loss=0.08']), { markets, executor } = hosts, events = heard('2021-01-04', '2021-01-06'), home = oneMachine(hosts)
  const reference = said(alone('vanta', ['fuse', '--pipeline', 'pipelines/season.pipe'], home, events))
  assert.ok(idsOf(reference, 'fill').length > 0 && idsOf(reference, 'conviction').length > 20)

  await markets.said('vanta-beam', ['--to', 'redis:signals'], events)
  for (const [role, job] of CYCLE) {
    const { status, err } = await hosts[role].job(job).ended
    assert.equal(status, 0, `${role} ${job}: ${err}`)
  }
  sameAs(reference, [...CONCLUDED, ...TRADED], hosts)
  // The books of the executor are those of the one machine.
  const tradeLog = executor.lines('logs', 'trade_log.jsonl')
  for (const kind of ['order', 'fill', 'entry']) assert.deepEqual(idsOf(tradeLog, kind), idsOf(said(readFileSync(join(home, 'logs', 'trade_log.jsonl'), 'utf8')), kind), kind)

  // Each node's log is intact and signed; over the network the others see that it has only grown, and say so.
  let policy = ''
  for (const role of ROLES) policy += await hosts[role].said('vanta-audit', ['key', `${role}.example`])
  policy += `group nodes 2 ${ROLES.map((role) => `${role}.example`).join(' ')}\nquorum nodes\n`
  for (const role of ROLES) writeFileSync(join(hosts[role].home, 'audit.policy'), policy)
  for (const role of ROLES) {
    const node = hosts[role], others = ROLES.filter((one) => one !== role)
    assert.match(await node.said('vanta-audit', ['verify']), /^intact: \d+ lines/)
    assert.equal((await node.job('checkpoint').ended).status, 0)
    const offer = node.offers(await node.said('vanta-audit', ['checkpoint', '--since', '0'])), cosigned: string[] = []
    for (const other of others) {
      const { status, out, err } = await hosts[other].hears(node, 'vanta-audit', 'witness', '-')
      assert.equal(status, 0, `${other} of ${role}: ${err}`)
      cosigned.push(join(hosts.folder, `${role}-by-${other}`))
      writeFileSync(cosigned.at(-1) ?? '', out)
    }
    offer.child.kill('SIGKILL')
    const checkpoint = await node.said('vanta-audit', ['checkpoint', ...cosigned])
    for (const other of others) assert.ok(checkpoint.includes(`\u2014 ${other}.example `), `${role}, by ${other}: ${checkpoint}`)
  }
  await safeByItself(hosts)
})

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const FAULTS = ['kill', 'cut', 'flap', 'server'] as const

/** Something goes wrong, so long after the run has begun; when this returns, all is as before but for what was lost. */
async function goWrong(fault: (typeof FAULTS)[number], role: Role, hosts: Hosts, spanMs: number): Promise<void> {
  const host = hosts[role]
  if (fault === 'kill') return host.kill()
  if (fault === 'server') {
    await hosts.killServer()
    await pause(spanMs)
    return hosts.startServer()
  }
  for (let turn = 0; turn < (fault === 'flap' ? 6 : 1); turn++) {
    host.link('down')
    await pause(fault === 'flap' ? 60 : spanMs)
    host.link('up')
    await pause(120)
  }
}

test('links cut, nodes and the server killed: nothing is lost, nothing doubled, and the books are those of one machine', { skip, timeout: 600_000 }, async (context) => {
  const seed = process.env['VANTA_TEST_SEED'] ?? '1', random = seededRandom(seed, 'hosts'), below = (most: number): number => Math.floor(random.next() * most)
  const hosts = await threeHosts(['stops.loss=0.08']), home = oneMachine(hosts), { executor } = hosts
  const events = said(heard('2021-01-04', '2021-01-06')), middle = Math.floor(events.length / 2), reference: string[] = []
  let hit = 0
  for (const part of [events.slice(0, middle), events.slice(middle)]) {
    let input = part.map((line) => `${line}\n`).join('')
    /** Until it ends well and has done with all there is; the first time something goes wrong. */
    const done = async (role: Role, name: string, start: () => Running, left: () => number): Promise<void> => {
      const fault = FAULTS[below(FAULTS.length)] ?? 'kill', running = start(), wrongAfterMs = below(500)
      let isRunning = true
      const ended = running.ended.then((end) => {
        isRunning = false
        return end
      })
      await pause(wrongAfterMs)
      if (isRunning) hit++
      await goWrong(fault, role, hosts, 100 + below(1500))
      let { status, err } = await ended
      for (let tries = 0; status !== 0 || left() > 0; tries++) {
        assert.ok(tries < 60 && (status === 0 || fault === 'kill' || tries < 3), `seed ${seed}: ${role} ${name} after ${fault}: ${status} ${err}`)
        await pause(1000)
        ;({ status, err } = await start().ended)
      }
    }
    await done('markets', 'beam', () => hosts.markets.start('vanta-beam', ['--to', 'redis:signals'], input), () => 0)
    for (const [role, name] of CYCLE) await done(role, name, () => hosts[role].job(name), () => hosts.left(hosts[role].jobOf(name)))
    for (const [, name] of CYCLE.slice(0, 4)) input = alone('vanta', ['fuse', '--pipeline', `pipelines/${name}.pipe`], home, input)
    reference.push(...said(input))
  }
  context.diagnostic(`seed ${seed}: ${hit} runs were under way when something went wrong`)
  sameAs(reference, [...CONCLUDED, ...TRADED], hosts)
  for (const ticker of HELD) {
    const [byFills, byLedger] = positions(executor, `ticker:${ticker}`)
    assert.equal(byFills, byLedger, ticker)
  }
  for (const role of ROLES) assert.match(await hosts[role].said('vanta-audit', ['verify']), /^intact: /)
})

const ordersOf = (host: Host): readonly Order[] => host.lines('logs', 'trade_log.jsonl').flatMap((line) => {
  const record = JSON.parse(line) as Vanta
  return record.kind === 'order' && record.state === 'intended' ? [record] : []
})

/** The position in a subject, as fills make it, and as the ledger has it. */
function positions(host: Host, subject: string): readonly [byFills: number, byLedger: number] {
  const fills = host.lines('logs', 'trade_log.jsonl').map((line) => JSON.parse(line) as Vanta).filter((record) => record.kind === 'fill')
  const { vaults } = JSON.parse(host.lines('memory', 'ledger.json').join('')) as { vaults: { core: { ledger: { lots: Record<string, { quantity: string }[]> } } } }
  const own = fills.filter((fill) => fill.subject === subject)
  return [
    own.reduce((sum, { side, quantity }) => sum + (side === 'buy' ? 1 : -1) * Number(quantity), 0),
    (vaults.core.ledger.lots[subject] ?? []).reduce((sum, { quantity }) => sum + Number(quantity), 0),
  ]
}

const HELD = ['GEF', 'TNXP']

/** What may befall an executor that holds something: others that are away, that lie, or that write where they may not. */
async function safeByItself({ alpha, markets, executor, folder }: Hosts): Promise<void> {
  for (const ticker of HELD) {
    const [byFills, byLedger] = positions(executor, `ticker:${ticker}`)
    assert.ok(byFills > 0)
    assert.equal(byFills, byLedger, ticker)
  }
  const allocated = alpha.lines('logs', 'audit.jsonl').map((line) => JSON.parse(line) as Vanta).find((record) => record.kind === 'allocation') ?? assert.fail()
  const told = (...records: readonly Vanta[]): string => records.map((record) => `${lineOf(record)}\n`).join('')
  const forged = (at: string, isSigned: boolean): Allocation => {
    const { signature, ...record } = { ...allocated, subject: 'ticker:GME', fraction: '0.08', at, known_at: at, expires_at: '2021-02-20T00:00:00.000Z' }
    return { ...record, id: identify(record), ...(isSigned && signature !== undefined && { signature }) }
  }

  // By whom allocations may be written: not by Markets, says its own runner, and says the server where that is left out.
  const lie = told(forged('2021-01-07T12:00:00.000Z', true), forged('2021-01-07T12:00:01.000Z', false))
  const refused = await markets.run('vanta-beam', ['--to', 'redis:allocations'], lie)
  assert.equal(refused.status, 77, refused.err)
  const loose = join(folder, 'loose')
  cpSync(join(markets.home, 'secrets'), join(loose, 'secrets'), { recursive: true })
  const denied = await markets.run('vanta-beam', ['--to', 'redis:allocations'], lie, { VANTA_HOME: loose })
  assert.match(denied.err, /NOPERM/)
  assert.notEqual(denied.status, 0)

  // What comes from Alpha's host without the signature of the vault, or with another's, is no order.
  const before = ordersOf(executor).length, price = openPrint('GME', '2021-01-07T14:30:00.000Z', '19')
  await alpha.said('vanta-beam', ['--to', 'redis:allocations'], lie + told(price, tick('2021-01-07T14:30:00.000Z')))
  assert.equal((await executor.job('trade').ended).status, 0)
  const codes = executor.lines('logs', 'audit.jsonl').map((line) => JSON.parse(line) as Vanta).flatMap((record) => (record.kind === 'refusal' ? [record.code] : []))
  assert.ok(codes.includes('BAD_SIGNATURE') && codes.includes('UNSIGNED'), codes.join(' '))
  assert.equal(ordersOf(executor).length, before)

  // Cut off: it hears of no allocation and orders nothing. Prices that reach it are enough for its stops.
  executor.link('down')
  const away = `rediss://vanta-executor@${SERVER}:${PORT}/allocations?patience=1`, trade = ['fuse', '--pipeline', 'pipelines/trade.pipe']
  const alone = await executor.run('vanta', [...trade, '--once', '--in', away, '--group', 'executor-trade'])
  assert.equal(alone.status, 69, alone.err)
  assert.equal(ordersOf(executor).length, before)
  const fall = (day: string): readonly Vanta[] =>
    [...HELD.map((ticker) => openPrint(ticker, `${day}T14:30:00.000Z`, '9')), tick(`${day}T14:31:00.000Z`)]
  await executor.said('vanta', trade, told(...fall('2021-01-08'), ...fall('2021-01-11')))
  const since = ordersOf(executor).slice(before)
  assert.deepEqual(since.map(({ side, subject }) => `${side} ${subject}`).sort(), HELD.map((ticker) => `sell ticker:${ticker}`))
  for (const ticker of HELD) assert.deepEqual(positions(executor, `ticker:${ticker}`), [0, 0], ticker)

  // Halted: nothing is sent, whoever is heard again.
  await executor.said('vanta-overlay', ['kill', '--reason', 'tried'])
  executor.link('up')
  await alpha.said('vanta-beam', ['--to', 'redis:allocations'], told(...fall('2021-01-12')))
  const halted = await executor.job('trade').ended
  assert.equal(halted.status, 77, halted.err)
  assert.equal(ordersOf(executor).length, before + HELD.length)
  for (const host of [alpha, markets, executor]) assert.match(await host.said('vanta-audit', ['verify']), /^intact: /)
}
