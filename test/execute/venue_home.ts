/** A home whose vault wants a few shares, and the built executor at work in it against a local venue. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatInstant, make, type Vanta } from '#record'
import { recordsIn } from '../service/process.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
  readonly records: readonly Vanta[]
}

export interface Home {
  readonly folder: string
  /** Allocations of the vault, and the prices they were made at. */
  readonly allocations: string
  run(words: readonly string[], killAfterMs?: number): Promise<Ran>
  log(): readonly Vanta[]
  remove(): void
}

/** `from`: another home whose vault, keys and allocations this one has. */
export function makeHome(secrets: { readonly [file: string]: { readonly [key: string]: string } }, tickers: readonly string[], from?: Home): Home {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-venue-'))
  const env = { ...process.env, VANTA_HOME: folder }
  const allocations = join(folder, 'allocations.ndjson')
  if (from === undefined) {
    spawnSync(join(root, 'bin/vanta-vault'), ['init', 'core', '--cash', '50000'], { env })
    const nowMs = Date.now() - 1000
    const input = [...tickers.map((ticker) => dayBar(ticker, nowMs)), ...tickers.map((ticker) => lastPrice(ticker, nowMs)), ...tickers.map((ticker) => conviction(ticker, nowMs))]
    const made = spawnSync(join(root, 'bin/vanta-vault'), ['allocate', '--vault', 'core'], { env, input: input.map((record) => `${JSON.stringify(record)}\n`).join('') })
    if (made.status !== 0) throw new Error(made.stderr.toString())
    writeFileSync(allocations, made.stdout)
  } else {
    spawnSync('cp', ['-r', `${from.folder}/.`, folder])
  }
  mkdirSync(join(folder, 'secrets'), { recursive: true, mode: 0o700 })
  for (const [name, keys] of Object.entries(secrets)) {
    writeFileSync(join(folder, 'secrets', name), JSON.stringify(keys))
    chmodSync(join(folder, 'secrets', name), 0o600)
  }
  return {
    folder,
    allocations,
    run: (words, killAfterMs) => new Promise((resolve) => {
      const child = spawn(join(root, 'bin/vanta-exec'), words, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
      let out = '', err = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
      const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs)
      child.once('close', (code) => {
        clearTimeout(timer)
        // What was killed may have ended within a line.
        resolve({ status: code ?? 137, out, err, records: code === null ? [] : recordsIn(out) })
      })
    }),
    log: () => recordsIn(readFileSync(join(folder, 'logs/trade_log.jsonl'), 'utf8')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What traded the day before. */
function dayBar(ticker: string, nowMs: number): Vanta {
  const at = formatInstant(nowMs - 2 * 86_400_000), end = formatInstant(nowMs - 86_400_000)
  return make('bar', {
    at, known_at: end, source: 'test', by: 'test/0', subject: `ticker:${ticker}`, span: '1d', open: '40', high: '40', low: '40', close: '40', volume: '1000000', basis: 'as_traded',
  })
}

function lastPrice(ticker: string, atMs: number): Vanta {
  const at = formatInstant(atMs)
  return make('price', { at, known_at: at, source: 'test', by: 'test/0', subject: `ticker:${ticker}`, type: 'last', price: '40.00', span: '1m', basis: 'as_traded' })
}

function conviction(ticker: string, atMs: number): Vanta {
  const at = formatInstant(atMs)
  return make('conviction', {
    at, known_at: at, source: 'test', by: 'test/0', signal_id: '0'.repeat(40), subject: `ticker:${ticker}`, direction: 'up', conviction_score: 1 / (1 + Math.exp(-0.619)), log_odds: 0.619,
    reason_vector: [{ term: 'test', log_odds: 0.619, evidence: [] }], contributing_models: ['test'], horizon: '5d', ttl: 432_000, routing_tags: [],
  })
}
