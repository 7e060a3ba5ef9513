/** The same sums by other means: Python's integers over the payload's own text, and one record of a block against another. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import type { Signal } from '#record'
import { AnomalyWatch } from '#domain/chain/anomaly'
import { content, hear, skip } from './hear.ts'

const hasPython = spawnSync('python3', ['--version']).status === 0
const noOracle = skip === false ? (hasPython ? false : 'python3 is not installed') : skip

/** What a program says of the payload on its stdin. */
function python(program: string, input: Buffer): unknown {
  const { stdout, stderr, status } = spawnSync('python3', ['-c', `import sys, json, csv, io, collections, statistics\n${program}`], { input, encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

const unitsOf = (signals: readonly Signal[]): bigint => signals.reduce((sum, { facts }) => sum + BigInt(String(facts?.['units'] ?? facts?.['token_id'] ?? 0)), 0n)

test('token transfers of an explorer add up to what Python finds', { skip: noOracle }, () => {
  for (const name of ['by_address_and_contract', 'by_contract_address']) {
    const bytes = content('fixtures', 'etherscan', 'etherscan_python', `get_erc20_token_transfer_events_${name}_paginated.json`)
    const expected = python('rows = json.load(sys.stdin)["res"]\nprint(json.dumps([len(rows), str(sum(int(row["value"]) for row in rows))]))', bytes)
    const { signals } = hear(bytes)
    assert.deepEqual([signals.length, unitsOf(signals).toString()], expected)
  }
})

test('outputs of Bitcoin transactions add up to what Python finds', { skip: noOracle }, () => {
  for (const name of ['btc_explorer_00.json', 'btc_explorer_02.json']) {
    const bytes = content('fixtures', 'mempool', 'rotki', name)
    const expected = python(`
outs = [out["value"] for tx in json.load(sys.stdin)["txs"] for out in tx["out"] if out["value"]]
print(json.dumps([len(outs), str(sum(outs))]))`, bytes)
    const { signals } = hear(bytes)
    assert.deepEqual([signals.length, unitsOf(signals).toString()], expected)
  }
})

test('coins that an explorer’s transactions moved add up to what Python finds', { skip: noOracle }, () => {
  const bytes = content('fixtures', 'etherscan', 'rotki', 'blockscout_txlist_02.json.gz')
  const expected = python(`
rows = [row for row in json.load(sys.stdin)["result"] if row["isError"] == "0" and row["txreceipt_status"] != "0" and int(row["value"])]
print(json.dumps([len(rows), str(sum(int(row["value"]) for row in rows))]))`, bytes)
  const { signals } = hear(bytes, { chain: 'arbitrum' })
  assert.deepEqual([signals.length, unitsOf(signals).toString()], expected)
})

test('the logs of a whole block hold the transfers that ethereum-etl found in them, each with the same id', { skip }, () => {
  const told = hear(content('data', 'onchain', 'eth_block_17173049_token_transfers.ndjson.gz')).signals
  const read = hear(content('data', 'onchain', 'eth_block_17173049_logs.ndjson.gz')).signals
  const byKey = new Map(read.filter(({ type }) => type !== 'swap').map((signal) => [signal.key, signal]))
  assert.equal(told.length, 114)
  for (const { id, key, facts } of told) {
    const same = byKey.get(key)
    // An NFT's id is a value to ethereum-etl, which does not tell the two apart.
    if (same?.facts?.['token_id'] === undefined) assert.equal(same?.id, id, key)
    else assert.equal(same.facts['token_id'], facts?.['units'])
  }
  const others = [...byKey.values()].filter(({ key }) => !told.some((each) => each.key === key))
  assert.ok(others.every(({ facts }) => facts?.['how'] === 'wrap' || facts?.['how'] === 'unwrap'), 'the rest are no Transfer events')
})

test('the change of a supply is what was minted less what was burnt', { skip: noOracle }, () => {
  for (const name of ['supply_usdc_1d', 'supply_usdt_eth_1d', 'supply_dai_1d']) {
    const bytes = content('data', 'onchain', `${name}.csv.gz`)
    const expected = python(`
from decimal import Decimal, getcontext
getcontext().prec = 60
days = [Decimal(row["SplyCur"]) for row in csv.DictReader(io.StringIO(sys.stdin.read()))]
steps = [b - a for a, b in zip(days, days[1:]) if a != b]
print(json.dumps([sum(1 for s in steps if s > 0), sum(1 for s in steps if s < 0), str(max(steps).normalize() + 0), str((days[-1] - days[0]).normalize() + 0)]))`, bytes)
    const { signals } = hear(bytes, { coin: 'USDX' })
    const amounts = (type: string): readonly number[] => signals.filter((signal) => signal.type === type).map(({ facts }) => Number(facts?.['amount']))
    const [mints, burns] = [amounts('mint'), amounts('burn')]
    const [ups, downs, largest, whole] = expected as [number, number, string, string]
    assert.deepEqual([mints.length, burns.length], [ups, downs])
    assert.equal(Math.max(...mints), Number(largest))
    const sum = mints.reduce((a, b) => a + b, 0) - burns.reduce((a, b) => a + b, 0)
    assert.ok(Math.abs(sum / Number(whole) - 1) < 1e-9, name)
  }
})

test('the largest mints and burns of the recorded stablecoins are known', { skip }, () => {
  const largest = (name: string, what = 'mint'): string => hear(content('data', 'onchain', `${name}.csv.gz`)).signals
    .filter(({ type }) => type === what).map(({ facts }) => String(facts?.['amount'])).sort((a, b) => Number(b) - Number(a))[0] ?? ''
  assert.equal(Number(largest('supply_usdt_eth_1d')), 3_000_000_000)
  assert.equal(Number(largest('supply_usdt_omni_1d', 'burn')), 500_000_000)
  assert.equal(Math.round(Number(largest('supply_usdc_1d'))), 1_099_422_938)
})

test('a whole mempool: its size, and fee rates by weight', { skip: noOracle }, () => {
  const bytes = content('data', 'onchain', 'btc_mempool_snapshot.csv.gz')
  const expected = python(`
rows = [(float(r["effective_fee_per_vsize"]), int(r["weight_wu"]) / 4, int(float(r["fee_sat"]))) for r in csv.DictReader(io.StringIO(sys.stdin.read()))]
total, rows_sorted, out = sum(r[1] for r in rows), sorted(rows), []
for part in (10, 50, 90):
    run = 0
    for rate, size, _ in rows_sorted:
        run += size
        if run >= part / 100 * total:
            out.append(rate); break
print(json.dumps([len(rows), total, sum(r[2] for r in rows)] + out))`, bytes)
  const { facts = {} } = hear(bytes).signals[0] ?? {}
  assert.deepEqual([facts['count'], facts['vsize'], Math.round(Number(facts['total_fee']) * 1e8), facts['fee_p10'], facts['fee_p50'], facts['fee_p90']], expected)
})

test('anomalies of two months of mempool are those of the stated rule, computed by Python', { skip: noOracle }, () => {
  const bytes = content('data', 'onchain', 'btc_mempool_5m_train.csv.gz')
  const expected = python(`
from datetime import datetime, timezone
WINDOW, LEAST, THRESHOLD = 24 * 3600, 24, 8.0
rows = list(csv.DictReader(io.StringIO(sys.stdin.read())))
out, past, side = [], [], 0
for row in rows:
    at, value = datetime.strptime(row["time_utc"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp(), float(row["mempool_count"])
    past = [(t, v) for t, v in past if t >= at - WINDOW]
    now = 0
    if len(past) >= LEAST:
        values = [v for _, v in past]
        m = statistics.median(values)
        s = 1.4826 * statistics.median([abs(v - m) for v in values]) or 1.2533 * sum(abs(v - m) for v in values) / len(values)
        if s > 0 and abs((value - m) / s) >= THRESHOLD:
            now = 1 if value > m else -1
    if now and now != side:
        out.append([row["time_utc"], value, round((value - m) / s, 1)])
    side = now
    past.append((at, value))
print(json.dumps(out))`, bytes)
  const { signals } = hear(bytes, { watch: new AnomalyWatch(24 * 3_600_000, 8) })
  const found = signals.filter(({ type, facts }) => type === 'anomaly' && facts?.['measure'] === 'count')
  assert.deepEqual(found.map(({ at, facts }) => [at.replace('.000Z', 'Z'), facts?.['value'], Math.round(Number(facts?.['z']) * 10) / 10]), expected)
  assert.ok(found.length > 0)
  const snapshots = new Set(signals.filter(({ type }) => type === 'mempool').map(({ id }) => id))
  for (const { parents } of found) assert.ok(snapshots.has(parents[0] ?? ''), 'it rests on its snapshot')
})
