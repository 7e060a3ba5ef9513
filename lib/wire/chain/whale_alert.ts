/**
 * Whale Alert (https://docs.whale-alert.io/): transactions of its REST API and alerts of its WebSocket. Amounts and dollar values are the
 * service's, and so is who stands behind an address.
 */
import type { Signal } from '#record'
import { canonicalAddress, chainNamed } from '#domain/chain/address'
import { flowOf, type Label } from '#domain/chain/labels'
import { Failure } from '#port/failure'
import { exactDecimal, exactList, exactObject, type Exact } from '../json_exact.ts'
import { amount, id, momentOf, present, signal, text, type Row, type Scope } from './signals.ts'

const SERVICE = 'whale_alert'

/** Undefined where `doc` is nothing of Whale Alert. */
export function readWhaleAlert(doc: Exact, scope: Scope): Iterable<Signal> | undefined {
  const answer = exactObject(doc)
  if (answer === undefined) return undefined
  const isAnswer = 'transactions' in answer || ('count' in answer && 'cursor' in answer) || text(answer['result']) === 'error'
  if ('result' in answer && isAnswer) return readAnswer(answer, scope)
  return answer['type'] === 'alert' && 'amounts' in answer ? readAlert(answer, scope) : undefined
}

function* readAnswer(answer: Row, scope: Scope): Iterable<Signal> {
  const isGood = text(answer['result']) === 'success'
  if (!isGood) throw new Failure('data', `${scope.name}: Whale Alert answered with an error: ${text(answer['message']) ?? 'unnamed'}`)
  const transactions = exactList(answer['transactions']) ?? []
  if (transactions.length === 0) scope.reject('transactions', 'nothing was found')
  for (const [i, each] of transactions.entries()) {
    const row = exactObject(each) ?? {}
    const key = id(row['id'])
    const coins = amount(row['amount'])
    if (key === undefined || coins === undefined) scope.reject(`transaction ${i + 1}`, 'a transaction without id or amount')
    else {
      yield alert(scope, row, {
        key, kind: text(row['transaction_type']), coin: text(row['symbol']), coins, usd: exactDecimal(row['amount_usd']), from: endOf(row['from']),
        to: endOf(row['to']),
        more: { count: exactDecimal(row['transaction_count']) === '1' ? undefined : exactDecimal(row['transaction_count']) },
      })
    }
  }
}

interface End {
  readonly address: string | undefined
  readonly label: Label | undefined
}

/** Hex addresses come without their `0x`; `unknown` owners are no label. */
function endOf(value: Exact | undefined): End {
  const row = exactObject(value)
  const said = text(row?.['address']), owner = text(row?.['owner']), kind = text(row?.['owner_type'])
  const address = said === undefined || /\s/.test(said) ? undefined : canonicalAddress(said)
  return { address, label: labelOf(owner, kind) }
}

const labelOf = (owner: string | undefined, kind: string | undefined): Label | undefined =>
  owner === undefined || owner === 'unknown' || /^unknown /.test(owner) ? undefined : {
    name: owner, ...(kind !== undefined && kind !== 'unknown' && { kind }), ...(kind === 'exchange' && { exchange: owner.toLowerCase() }),
    source: SERVICE,
  }

interface Told {
  readonly key: string
  readonly kind: string | undefined
  readonly coin: string | undefined
  readonly coins: string
  readonly usd: string | undefined
  readonly from: End
  readonly to: End
  readonly more?: { readonly [name: string]: unknown }
}

const KINDS: { readonly [kind: string]: string } = { mint: 'mint', burn: 'burn', transfer: 'transfer', lock: 'lock', unlock: 'unlock' }

function alert(scope: Scope, row: Row, { key, kind, coin, coins, usd, from, to, more }: Told): Signal {
  const chain = text(row['blockchain'])?.toLowerCase()
  const said = text(row['hash'])
  const hash = said !== undefined && chainNamed(chain ?? '')?.id !== undefined && /^[0-9a-f]{64}$/.test(said) ? `0x${said}` : said
  const type = KINDS[kind ?? 'transfer'] ?? 'transfer'
  return signal(scope, {
    type, key: `${SERVICE}:${key}`, source: `${SERVICE}/transactions`, subject: coin === undefined ? undefined : `coin:${coin.toUpperCase()}`,
    atMs: momentOf(row['timestamp']),
    facts: {
      chain, tx: hash, coin: coin?.toUpperCase(), from: from.address, to: to.address, amount: coins, usd,
      kind: kind !== undefined && !(kind in KINDS) ? kind : undefined,
      ...(type === 'transfer' && flowOf(from.label, to.label)),
      labels: from.label === undefined && to.label === undefined ? undefined : present({ from: from.label, to: to.label }), state: 'confirmed',
      ...more,
    },
  })
}

/** One alert may tell several amounts. */
function* readAlert(answer: Row, scope: Scope): Iterable<Signal> {
  const transaction = exactObject(answer['transaction']) ?? {}
  const hash = text(transaction['hash'])
  const amounts = exactList(answer['amounts']) ?? []
  if (amounts.length === 0 || hash === undefined) scope.reject('amounts', 'an alert without transaction or amounts')
  for (const [i, each] of amounts.entries()) {
    const row = exactObject(each) ?? {}
    const coins = amount(row['amount'])
    if (coins === undefined || hash === undefined) scope.reject(`amount ${i + 1}`, 'an amount that is no number')
    else {
      yield alert(scope, { ...answer, hash }, {
        key: `${hash}:${i}`, kind: text(answer['transaction_type']), coin: text(row['symbol']), coins, usd: exactDecimal(row['value_usd']),
        from: { address: undefined, label: ownerOf(answer['from']) }, to: { address: undefined, label: ownerOf(answer['to']) },
      })
    }
  }
}

/** Alerts name their ends by owner alone. */
function ownerOf(value: Exact | undefined): Label | undefined {
  const owner = text(value)
  return labelOf(owner, undefined)
}
