/**
 * Answers of nodes: JSON-RPC 2.0 (https://ethereum.github.io/execution-apis/), one or a batch, subscriptions, bare results, and traces of Parity
 * and Geth.
 */
import type { Millis, Signal } from '#record'
import { evmAddress, evmHash } from '#domain/chain/address'
import { Failure } from '#port/failure'
import { exactList, exactNumber, exactObject, Numeral, type Exact } from '../json_exact.ts'
import { field, isOfChain, logOf, OTHER_CHAIN, signalsOfBlock, signalsOfTransaction, signalsOfValue, type Held } from './evm.ts'
import { readBitcoin } from './mempool.ts'
import { integer, momentOf, text, type Row, type Scope } from './signals.ts'

/** What a node says when a range of blocks holds more than it gives at once. */
export const TOO_MUCH = /more than|limited to|block range|range.*(?:large|limit|exceed|wide)|too many|exceed|response size|query timeout/i

/** Undefined where `doc` is no answer of a node. */
export function readRpc(doc: Exact, held: Held, scope: Scope, place: string): Iterable<Signal> | undefined {
  const answer = exactObject(doc)
  if (answer !== undefined && isAnswer(answer)) return readAnswer(answer, held, scope, place)
  const list = exactList(doc)
  const first = exactObject(list?.[0])
  if (list !== undefined && first !== undefined && isAnswer(first)) return readBatch(list, held, scope, place)
  return readResult(doc, held, scope, place)
}

/** Bitcoin's nodes do not write the version, and some recordings have lost it. */
const isAnswer = (row: Row): boolean =>
  'jsonrpc' in row || ('result' in row && Object.keys(row).every((name) => ['result', 'error', 'id'].includes(name)))

function* readBatch(answers: readonly Exact[], held: Held, scope: Scope, place: string): Iterable<Signal> {
  for (const [i, each] of answers.entries()) {
    const answer = exactObject(each)
    if (answer === undefined) scope.reject(`${place} ${i}`, 'no answer of a node')
    else yield* readAnswer(answer, held, scope, `${place} ${i}`)
  }
}

function* readAnswer(answer: Row, held: Held, scope: Scope, place: string): Iterable<Signal> {
  const error = exactObject(answer['error'])
  if (error !== undefined) throw new Failure('data', `${scope.name}: the node answered with an error: ${text(error['message']) ?? 'unnamed'}`)
  const result = answer['result'] ?? exactObject(answer['params'])?.['result']
  const isQuestion = answer['method'] !== undefined
  if (result === null || result === undefined) scope.reject(place, isQuestion ? 'a question, not an answer' : 'the node knows nothing of it')
  else if (typeof result === 'string' || typeof result === 'boolean' || result instanceof Numeral) scope.reject(place, 'a bare value: no signal')
  else {
    const read = readResult(result, held, scope, place) ?? readBitcoin(result, scope, place)
    if (read === undefined) scope.reject(place, 'a result without blocks, transactions, logs or traces')
    else yield* read
  }
}

/** What stands in `result`; undefined where it is none of a node's things. */
export function readResult(result: Exact, held: Held, scope: Scope, place: string): Iterable<Signal> | undefined {
  const list = exactList(result)
  if (list !== undefined) {
    const first = exactObject(list[0])
    if (list.length === 0) return nothing(scope, place, 'nothing was found')
    if (first === undefined || readerOf(first) === undefined) return undefined
    return readList(list, held, scope, place)
  }
  const thing = exactObject(result)
  const reader = thing === undefined ? undefined : readerOf(thing)
  return thing === undefined || reader === undefined ? undefined : reader(thing, held, scope, place)
}

export function* nothing(scope: Scope, place: string, why: string): Iterable<Signal> {
  scope.reject(place, why)
}

function* readList(list: readonly Exact[], held: Held, scope: Scope, place: string): Iterable<Signal> {
  for (const [i, each] of list.entries()) {
    const thing = exactObject(each)
    const reader = thing === undefined ? undefined : readerOf(thing)
    if (thing === undefined || reader === undefined) scope.reject(`${place} ${i}`, 'no block, transaction, log or trace')
    else yield* reader(thing, held, scope, `${place} ${i}`)
  }
}

type Reader = (thing: Row, held: Held, scope: Scope, place: string) => Iterable<Signal>

function readerOf(thing: Row): Reader | undefined {
  if ('logsBloom' in thing && 'logs' in thing) return readReceipt
  if ('parentHash' in thing && 'miner' in thing) return signalsOfBlock
  if ('topics' in thing && 'data' in thing && field(thing, 'transactionHash', 'transaction_hash') !== undefined) return readLog
  if ('action' in thing && ('traceAddress' in thing || 'transactionHash' in thing)) return readParityTrace
  if ('result' in thing && 'txHash' in thing) return readGethTrace
  const isTransaction = ['hash', 'value', 'nonce', 'gas'].every((name) => name in thing) && !('timeStamp' in thing)
  return isTransaction ? readTransaction : undefined
}

const readTransaction: Reader = (row, held, scope, place) => signalsOfTransaction(row, held.times.of(evmHash(text(row['blockHash']))), scope, place)

function* readReceipt(receipt: Row, held: Held, scope: Scope, place: string): Iterable<Signal> {
  // Only chains of the OP stack pay for a first layer.
  if ('l1Fee' in receipt && scope.chain === 'ethereum') {
    scope.reject(place, OTHER_CHAIN(scope.chain))
    return
  }
  const logs = exactList(receipt['logs']) ?? []
  if (integer(receipt['status']) === 0n) scope.reject(place, 'it failed: nothing moved')
  else if (logs.length === 0) scope.reject(place, 'a receipt without logs: no token moved')
  for (const [i, log] of logs.entries()) yield* readLog(exactObject(log) ?? {}, held, scope, `${place}, log ${i}`)
}

export function* readLog(row: Row, held: Held, scope: Scope, place: string): Iterable<Signal> {
  const log = logOf(row, scope)
  const block = log?.block === undefined ? undefined : BigInt(log.block)
  if (log === undefined) scope.reject(place, 'a log without address, topics, transaction or index')
  else if (!isOfChain(scope, block, log.atMs ?? held.times.of(log.blockHash))) scope.reject(place, OTHER_CHAIN(scope.chain))
  else yield* held.log(log, scope, place)
}

/** https://openethereum.github.io/JSONRPC-trace-module: the first trace of a transaction is the transaction itself. */
function* readParityTrace(trace: Row, held: Held, scope: Scope, place: string): Iterable<Signal> {
  const action = exactObject(trace['action']) ?? {}
  const path = exactList(trace['traceAddress'])?.map((step) => exactNumber(step) ?? 0) ?? []
  const tx = evmHash(text(trace['transactionHash']))
  if (tx === undefined) {
    scope.reject(place, 'a trace outside of transactions')
    return
  }
  const callType = text(action['callType']) ?? 'call'
  if (callType !== 'call') scope.reject(place, 'a call that cannot move coins')
  else {
    const blockHash = evmHash(text(trace['blockHash']))
    yield* signalsOfValue({
      tx, part: path.length === 0 ? '' : `trace:${path.join('.')}`, from: evmAddress(text(field(action, 'from', 'address'))),
      to: evmAddress(text(field(action, 'to', 'refundAddress'))) ?? evmAddress(text(exactObject(trace['result'])?.['address'])),
      value: integer(field(action, 'value', 'balance')), block: integer(trace['blockNumber']), blockHash,
      atMs: momentOf(trace['blockTimestamp']) ?? held.times.of(blockHash), failed: text(trace['error']) !== undefined, state: 'confirmed',
    }, scope, place)
  }
}

function* readGethTrace(trace: Row, _held: Held, scope: Scope, place: string): Iterable<Signal> {
  const tx = evmHash(text(trace['txHash'])), call = exactObject(trace['result'])
  if (tx === undefined || call === undefined) scope.reject(place, 'a trace without transaction or result')
  else yield* readCall(call, tx, [], undefined, scope, place)
}

/** Geth's callTracer: calls within calls. A failed call takes all below it back. */
function* readCall(call: Row, tx: string, path: readonly number[], atMs: Millis | undefined, scope: Scope, place: string): Iterable<Signal> {
  const kind = text(call['type']) ?? 'CALL'
  const at = path.length === 0 ? place : `${place}, call ${path.join('.')}`
  if (text(call['error']) !== undefined) {
    scope.reject(at, 'it failed: nothing moved')
    return
  }
  if (kind === 'STATICCALL' || kind === 'DELEGATECALL' || kind === 'CALLCODE') scope.reject(at, 'a call that cannot move coins')
  else {
    yield* signalsOfValue({
      tx, part: path.length === 0 ? '' : `trace:${path.join('.')}`, from: evmAddress(text(call['from'])), to: evmAddress(text(call['to'])),
      value: integer(call['value']) ?? 0n, block: undefined, atMs, failed: false, state: 'confirmed',
    }, scope, at)
  }
  const calls = exactList(call['calls']) ?? []
  for (const [i, inner] of calls.entries()) yield* readCall(exactObject(inner) ?? {}, tx, [...path, i], atMs, scope, place)
}
