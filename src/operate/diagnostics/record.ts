/** Checks of the record: logs, proofs, books, and decisions made anew. */
import { verifyChain } from '#domain/audit/chain'
import { LINES } from '#domain/audit/files'
import { genesisOf } from '#domain/audit/archive'
import { endOfLines } from '#domain/audit/lines'
import { runsOf } from '#domain/backtest/registry'
import { checkLedger } from '#domain/execute/ledger_check'
import type { Kept } from '#domain/execute/kept'
import { fail, ok, warn, type Finding } from '#domain/operate/diagnosis/finding'
import { lastLines } from '#domain/operate/status/tail'
import { readVault, VAULT_FILE, type Vault } from '#domain/vault/vault'
import { Failure, type ActionWorld } from '#tool'
import { callCommand } from '#tool/call'
import { ownKeys } from '#tool/node'
import { findTool } from '../../tools.ts'

const LEDGER = 'ledger.json', ENTRIES = 'ledger.ndjson', TRADE_LOG = 'trade_log.jsonl'

export function recordFinding({ logs, nodeKeys }: ActionWorld): Finding {
  const check = 'audit log'
  if (genesisOf(logs) === undefined) return ok(check, 'none yet')
  const links = verifyChain(logs, { keys: (origin) => ownKeys(origin, { nodeKeys }), anchors: [] })
  if (typeof links === 'string') return fail(check, `NOT INTACT: ${links}`, 'keep the folder as it is: it is evidence; then ask the witnesses')
  const [newest, ...before] = links
  return ok(check, `${newest?.size ?? 0} lines intact, ${newest?.signed ?? 'none'} signed${before.length === 0 ? '' : `, and ${before.length} logs before it`}`)
}

/** What was cut off by a crash, and the registry of runs. */
export function* logFindings({ home, logs, machine }: ActionWorld): Iterable<Finding> {
  const files = machine.entries(`${home}/logs`).filter(({ kind }) => kind === 'file').map(({ name }) => name)
  const torn = files.filter((name) => /\.(ndjson|jsonl|log)$/.test(name) && isTorn(name, logs))
  const aside = files.filter((name) => name.includes('.torn-'))
  if (torn.length > 0) yield warn('logs', `${torn.join(', ')}: the last line was cut off`, 'its next writer sets it aside; nothing acknowledged is lost')
  else if (aside.length > 0) yield warn('logs', `set aside after crashes: ${aside.join(', ')}`, 'look at them, then move them away')
  else yield ok('logs', `${files.length} files, each ends with a whole line`)
  try {
    yield ok('runs', `${runsOf(logs).length} back-tests counted, each follows the one before`)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    yield fail('runs', error.message, 'put back logs/runs.ndjson and runs.head from a backup; until then no back-test is counted')
  }
}

function isTorn(name: string, logs: ActionWorld['logs']): boolean {
  const tape = logs.open(name)
  try {
    return endOfLines(tape) < tape.size()
  } finally {
    tape.close()
  }
}

export function bookFinding(world: ActionWorld): Finding {
  const check = 'books', remedy = 'vanta-vault ledger NAME --check says where; the trade log is the truth'
  try {
    const memory = world.store.read(VAULT_FILE)?.memory
    const kept = (world.store.read(LEDGER)?.memory ?? {}) as Partial<Kept>
    const vaultOf = (name: string): Vault => {
      const vault = readVault(memory, name)
      if (vault === undefined || typeof vault === 'string') throw new RangeError(vault ?? `no vault ${name} in memory/${VAULT_FILE}`)
      return vault
    }
    const { faults, entries } = checkLedger({ trades: world.journal(TRADE_LOG).lines(), journal: world.journal(ENTRIES).lines(), kept, vaultOf })
    return faults.length > 0 ? fail(check, faults.join('; '), remedy) : ok(check, `${entries} entries agree with the trade log and memory/${LEDGER}`)
  } catch (error) {
    // Of another shape than the books' is a TypeError.
    if (!(error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError || error instanceof Failure)) throw error
    return fail(check, error.message, remedy)
  }
}

const DECISION = /^\{"kind":"(order|allocation|conviction)","id":"([0-9a-f]{40})"/

/** The latest decisions, of each kind in turn, so that a few tell of all stages. */
function latestDecisions(sample: number, { logs }: ActionWorld): readonly string[] {
  const byKind = new Map<string, string[]>(), tape = logs.open(LINES)
  try {
    for (const line of lastLines(tape)) {
      const [, kind = '', id = ''] = DECISION.exec(line) ?? []
      const ids = byKind.get(kind) ?? []
      if (kind !== '' && ids.length < sample) byKind.set(kind, [...ids, id])
    }
  } finally {
    tape.close()
  }
  const turns = Array.from({ length: sample }, (_, nth) => [...byKind.values()].flatMap((ids) => ids[nth] ?? []))
  return turns.flat().slice(0, sample)
}

/** Each made anew by `vanta-audit replay`, which says what differs. */
export async function* sampleFindings(sample: number, world: ActionWorld): AsyncGenerator<Finding, void, undefined> {
  for (const id of latestDecisions(sample, world)) {
    const said: string[] = []
    world.progress(`replay of ${id}`)
    try {
      const answer = await callCommand(findTool, 'vanta-audit', ['replay', id], { ...world, print: (text) => void said.push(text) }, () => undefined)
      const isSame = answer === undefined || answer === 'done'
      yield isSame ? ok('replay', said.join('; ')) : fail('replay', said.join('; '), `vanta-audit lineage ${id} names its sources`)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      yield fail('replay', `${id}: ${error.message}`, `vanta-audit replay ${id}`)
    }
  }
}
