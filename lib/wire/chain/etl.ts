/** Rows of ethereum-etl (https://ethereum-etl.readthedocs.io/en/latest/schema/): NDJSON with a `type`, or CSV told by its columns. */
import type { Signal } from '#record'
import { evmAddress, evmHash } from '#domain/chain/address'
import { exactObject, type Exact } from '../json_exact.ts'
import { isOfChain, OTHER_CHAIN, signalsOfBlock, signalsOfTransaction, signalsOfValue, type Held } from './evm.ts'
import { readLog } from './rpc.ts'
import { integer, integerText, momentOf, moveSignal, signal, text, type Row, type Scope } from './signals.ts'
import { scaled } from '#domain/chain/quantity'

type Reader = (row: Row, held: Held, scope: Scope, place: string) => Iterable<Signal>

const readers: { readonly [type: string]: Reader } = {
  block: signalsOfBlock,
  transaction: (row, held, scope, place) => signalsOfTransaction(row, held.times.of(evmHash(text(row['block_hash']))), scope, place),
  log: readLog,
  token_transfer: readTransfer,
  trace: readTrace,
  token: readToken,
  contract: function* (_row, _held, scope, place) {
    scope.reject(place, 'a contract: nothing moved')
  },
}

/** Columns that only one kind of table has. */
const COLUMNS: readonly (readonly [type: string, ...columns: string[]])[] = [
  ['token_transfer', 'token_address', 'from_address', 'to_address', 'value', 'transaction_hash', 'log_index'],
  ['trace', 'trace_type', 'call_type', 'from_address', 'to_address', 'value'],
  ['log', 'log_index', 'transaction_hash', 'address', 'data', 'topics'],
  ['transaction', 'hash', 'nonce', 'from_address', 'to_address', 'value', 'gas_price'],
  ['block', 'number', 'hash', 'parent_hash', 'timestamp', 'transaction_count'],
  ['token', 'address', 'symbol', 'name', 'decimals', 'total_supply'],
  ['contract', 'address', 'bytecode', 'function_sighashes'],
]

/** Which table has these columns; undefined where none of this kind. */
export const etlTypeOf = (columns: readonly string[]): string | undefined =>
  COLUMNS.find(([, ...needed]) => needed.every((column) => columns.includes(column)))?.[0]

export const readEtlRow = (type: string, row: Row, held: Held, scope: Scope, place: string): Iterable<Signal> | undefined =>
  readers[type]?.(row, held, scope, place)

/** A row of the streaming form, which says its type. */
export function readEtl(doc: Exact, held: Held, scope: Scope, place: string): Iterable<Signal> | undefined {
  const row = exactObject(doc)
  const type = row === undefined ? undefined : text(row['type'])
  if (row === undefined || type === undefined || !Object.hasOwn(readers, type)) return undefined
  const isOfEtl = ['item_id', 'block_number', 'parent_hash', 'total_supply', 'bytecode'].some((name) => name in row)
  return isOfEtl ? readEtlRow(type, row, held, scope, place) : undefined
}

/** Whether its value is an amount or an NFT's id the row does not say: it is given as it stands. */
function* readTransfer(row: Row, held: Held, scope: Scope, place: string): Iterable<Signal> {
  const tx = evmHash(text(row['transaction_hash'])), index = integerText(row['log_index']), units = integer(row['value'])
  const block = integer(row['block_number']), blockHash = evmHash(text(row['block_hash']))
  const atMs = momentOf(row['block_timestamp']) ?? held.times.of(blockHash)
  if (tx === undefined || index === undefined || units === undefined) scope.reject(place, 'a transfer without transaction, index or value')
  else if (!isOfChain(scope, block, atMs)) scope.reject(place, OTHER_CHAIN(scope.chain))
  else {
    yield moveSignal(scope, {
      chain: scope.chain, tx, part: index, token: evmAddress(text(row['token_address'])), from: evmAddress(text(row['from_address'])),
      to: evmAddress(text(row['to_address'])), units, block: block?.toString(), blockHash, atMs, state: 'confirmed',
    })
  }
}

/** `trace_address` is the path `0,2,1`, empty for the transaction itself. */
function* readTrace(row: Row, held: Held, scope: Scope, place: string): Iterable<Signal> {
  const tx = evmHash(text(row['transaction_hash']))
  const path = (text(row['trace_address']) ?? '').replaceAll(',', '.')
  const blockHash = evmHash(text(row['block_hash']))
  if (tx === undefined) scope.reject(place, 'a trace outside of transactions')
  else if (!['call', undefined].includes(text(row['call_type']))) scope.reject(place, 'a call that cannot move coins')
  else {
    yield* signalsOfValue({
      tx, part: path === '' ? '' : `trace:${path}`, from: evmAddress(text(row['from_address'])), to: evmAddress(text(row['to_address'])),
      value: integer(row['value']), block: integer(row['block_number']), blockHash,
      atMs: momentOf(row['block_timestamp']) ?? held.times.of(blockHash),
      failed: integer(row['status']) === 0n, state: 'confirmed',
    }, scope, place)
  }
}

function* readToken(row: Row, _held: Held, scope: Scope, place: string): Iterable<Signal> {
  const contract = evmAddress(text(row['address'])), units = integer(row['total_supply']), decimals = integer(row['decimals'])
  if (contract === undefined || units === undefined) scope.reject(place, 'a token without address or supply')
  else {
    yield signal(scope, {
      type: 'supply', key: `${scope.chain}:supply:${contract}`, source: `${scope.chain}/supply`, subject: `token:${scope.chain}:${contract}`,
      atMs: momentOf(row['block_timestamp']),
      facts: {
        chain: scope.chain, token: contract, symbol: text(row['symbol']), name: text(row['name']), units: units.toString(),
        decimals: decimals === undefined ? undefined : Number(decimals),
        supply: decimals === undefined ? undefined : scaled(units, Number(decimals)),
      },
    })
  }
}
