/**
 * Staking: answers of beacon nodes (https://ethereum.github.io/beacon-APIs/), their event stream, and of beaconcha.in. Amounts are gwei there, wei in
 * beaconcha.in's second API. Epochs and slots are times by the beacon chain's own clock.
 */
import type { Millis, Signal } from '#record'
import { evmAddress, evmHash } from '#domain/chain/address'
import { epochMs, slotMs } from '#domain/chain/clock'
import { scaled } from '#domain/chain/quantity'
import { Failure } from '#port/failure'
import { coinSubject, signalsOfWithdrawal } from '../chain/evm.ts'
import { gweiAmount, withdrawalAddress } from '../chain/evm_log.ts'
import { integer, integerText, momentOf, present, signal, text, type Facts, type Row, type Scope } from '../chain/signals.ts'
import { exactList, exactObject, parseExact, type Exact } from '../json_exact.ts'

/** Undefined where `doc` is nothing of the beacon chain. */
export function readBeacon(doc: Exact, scope: Scope): Iterable<Signal> | undefined {
  const answer = exactObject(doc)
  if (answer === undefined || !('data' in answer)) {
    return answer !== undefined && 'code' in answer && 'message' in answer && Object.keys(answer).length <= 3 ? refused(answer, scope) : undefined
  }
  const isExplorer = text(answer['status'])?.startsWith('OK') === true
  const list = exactList(answer['data'])
  if (list !== undefined) {
    if ('draw' in answer) return readEach(list, readTableRow, scope)
    const first = exactObject(list[0])
    if (first === undefined) {
      const isOurs = list.length === 0 && ['finalized', 'execution_optimistic', 'paging'].some((name) => name in answer)
      return isOurs ? rejecting(scope, 'data', 'nothing was found') : undefined
    }
    const reader = rowReaderOf(first)
    if (reader !== undefined) return readEach(list, reader, scope)
    return isExplorer ? rejecting(scope, 'data', 'an answer of beaconcha.in without staking') : undefined
  }
  const data = exactObject(answer['data'])
  if (data === undefined) return undefined
  const block = exactObject(data['message'])
  if (block !== undefined && 'body' in block) return readBlock(block, scope)
  if ('validator' in data && 'index' in data) return readValidator(data, scope, 'data')
  const reader = isExplorer ? rowReaderOf(data) : undefined
  if (reader !== undefined) return reader(data, scope, 'data')
  if (data['header'] !== undefined) return rejecting(scope, 'data', 'the header of a block: nobody staked')
  if ('consensus_reference' in data) return rejecting(scope, 'data', REWARD)
  return isExplorer ? rejecting(scope, 'data', 'an answer of beaconcha.in without staking') : undefined
}

function* refused(answer: Row, scope: Scope): Iterable<Signal> {
  throw new Failure('data', `${scope.name}: the beacon node refused: ${text(answer['message']) ?? 'unnamed'}`)
}

const REWARD = 'a block or its reward: nobody staked'
type Reader = (row: Row, scope: Scope, place: string) => Iterable<Signal>

function rowReaderOf(row: Row): Reader | undefined {
  const validator = exactObject(row['validator'])
  if (validator !== undefined && 'life_cycle_epochs' in row) return readExplorerValidator
  if (validator !== undefined && 'effective_balance' in validator) return readValidator
  if ('activationepoch' in row && 'validatorindex' in row) return readOldExplorerValidator
  const message = exactObject(row['message'])
  if (message !== undefined && 'validator_index' in message && 'epoch' in message) return readExit
  if ('tx_hash' in row && 'publickey' in row && 'amount' in row) return readExplorerDeposit
  if ('withdrawal_credentials' in row && 'amount' in row) return readPendingDeposit
  if ('withdrawable_epoch' in row && 'amount' in row) return readPendingWithdrawal
  if ('validatorindex' in row && 'amount' in row && 'address' in row) return readExplorerWithdrawal
  const other = 'source_index' in row && 'target_index' in row ? 'two validators become one: nothing was staked or taken out'
    : 'header' in row && 'root' in row ? 'the header of a block: nobody staked'
      : 'blockReward' in row || ('slot' in row && 'block' in row && validator !== undefined) ? REWARD : undefined
  return other === undefined ? undefined : (_row, scope, place) => rejecting(scope, place, other)
}

function* rejecting(scope: Scope, place: string, why: string): Iterable<Signal> {
  scope.reject(place, why)
}

function* readEach(list: readonly Exact[], reader: (row: Row, scope: Scope, place: string) => Iterable<Signal>, scope: Scope): Iterable<Signal> {
  for (const [i, each] of list.entries()) {
    const row = exactObject(each) ?? (Array.isArray(each) ? { cells: each as readonly Exact[] } : undefined)
    if (row === undefined) scope.reject(`row ${i + 1}`, 'no row of the beacon chain')
    else yield* reader(row, scope, `row ${i + 1}`)
  }
}

interface Staking {
  readonly type: 'stake' | 'unstake'
  readonly key: string
  readonly how: string
  readonly atMs: Millis | undefined
  readonly facts: Facts
}

function staking(scope: Scope, { type, key, how, atMs, facts }: Staking): Signal {
  const { chain } = scope
  const wallet = facts['withdrawal_address']
  const label = typeof wallet === 'string' ? scope.labels.of(chain, wallet) : undefined
  return signal(scope, {
    type, key: `${chain}:${key}`, source: `${chain}/staking`, subject: coinSubject(chain), atMs,
    facts: { chain, how, ...facts, labels: label === undefined ? undefined : present({ withdrawal_address: label }) },
  })
}

interface Standing {
  readonly index: string
  readonly pubkey: string | undefined
  readonly status: string | undefined
  readonly slashed: boolean
  readonly balance: string | undefined
  readonly effective: string | undefined
  readonly activation: bigint | undefined
  readonly exit: bigint | undefined
  readonly withdrawable: bigint | undefined
  readonly wallet: string | undefined
}

/** How a validator stands now, and when its stake began and ended to count. Ends that are still to come are told by its standing alone. */
function* signalsOfStanding(scope: Scope, { index, pubkey, activation, exit, withdrawable, wallet, ...rest }: Standing): Iterable<Signal> {
  const { chain } = scope
  const epochs = { activation_epoch: known(activation), exit_epoch: known(exit), withdrawable_epoch: known(withdrawable) }
  yield signal(scope, {
    type: 'validator', key: `${chain}:validator:${index}`, source: `${chain}/validators`, subject: coinSubject(chain), atMs: undefined,
    facts: { chain, validator: index, pubkey, ...rest, ...epochs, withdrawal_address: wallet },
  })
  for (const [type, how, epoch] of [['stake', 'activation', activation], ['unstake', 'exit', exit]] as const) {
    const atMs = epoch === undefined ? undefined : epochMs(epoch)
    if (atMs === undefined || atMs > scope.heardMs) continue
    yield staking(scope, {
      type, key: `validator:${index}:${how}`, how, atMs, facts: { validator: index, epoch: epoch?.toString(), withdrawal_address: wallet },
    })
  }
}

/** Epochs so far away mean never. */
const known = (epoch: bigint | undefined): string | undefined => (epoch === undefined || epochMs(epoch) === undefined ? undefined : epoch.toString())
const gwei = (value: Exact | undefined): string | undefined => {
  const units = integer(value)
  return units === undefined ? undefined : gweiAmount(units)
}
const wei = (value: Exact | undefined): string | undefined => {
  const units = integer(value)
  return units === undefined ? undefined : scaled(units, 18)
}

function* readValidator(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const index = integerText(row['index']), of = exactObject(row['validator']) ?? {}
  if (index === undefined) scope.reject(place, 'a validator without an index')
  else {
    yield* signalsOfStanding(scope, {
      index, pubkey: text(of['pubkey']), status: text(row['status']), slashed: of['slashed'] === true, balance: gwei(row['balance']),
      effective: gwei(of['effective_balance']),
      activation: integer(of['activation_epoch']), exit: integer(of['exit_epoch']), withdrawable: integer(of['withdrawable_epoch']),
      wallet: withdrawalAddress(text(of['withdrawal_credentials'])),
    })
  }
}

/** beaconcha.in, second API. */
function* readExplorerValidator(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const of = exactObject(row['validator']) ?? {}, epochs = exactObject(row['life_cycle_epochs']) ?? {}, balances = exactObject(row['balances']) ?? {}
  const index = integerText(of['index'])
  if (index === undefined) scope.reject(place, 'a validator without an index')
  else {
    yield* signalsOfStanding(scope, {
      index, pubkey: text(of['public_key']), status: text(row['status']), slashed: row['slashed'] === true, balance: wei(balances['current']),
      effective: wei(balances['effective']),
      activation: integer(epochs['activation']), exit: integer(epochs['exit']), withdrawable: integer(epochs['withdrawable']),
      wallet: withdrawalAddress(text(exactObject(row['withdrawal_credentials'])?.['credential'])),
    })
  }
}

/** beaconcha.in, first API. */
function* readOldExplorerValidator(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const index = integerText(row['validatorindex'])
  if (index === undefined) scope.reject(place, 'a validator without an index')
  else {
    yield* signalsOfStanding(scope, {
      index, pubkey: text(row['pubkey']), status: text(row['status']), slashed: row['slashed'] === true, balance: gwei(row['balance']),
      effective: gwei(row['effectivebalance']),
      activation: integer(row['activationepoch']), exit: integer(row['exitepoch']), withdrawable: integer(row['withdrawableepoch']),
      wallet: withdrawalAddress(text(row['withdrawalcredentials'])),
    })
  }
}

/** A deposit as beaconcha.in's first API tells it: in a transaction of the execution layer. */
function* readExplorerDeposit(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const pubkey = text(row['publickey']), tx = evmHash(text(row['tx_hash'])), units = gwei(row['amount'])
  if (pubkey === undefined || tx === undefined || units === undefined) scope.reject(place, 'a deposit without key or amount')
  else if (row['valid_signature'] === false) scope.reject(place, 'a deposit that does not count: its signature is wrong')
  else {
    yield staking(scope, {
      type: 'stake', key: `${tx}:${pubkey}`, how: 'deposit', atMs: momentOf(row['block_ts']),
      facts: {
        tx, pubkey, amount: units, from: evmAddress(text(row['from_address'])), block: integerText(row['block_number']),
        withdrawal_address: withdrawalAddress(text(row['withdrawal_credentials'])),
      },
    })
  }
}

/** A withdrawal by its slot; `withdrawalindex` is the chain's own number, `index` elsewhere. */
function* readExplorerWithdrawal(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const slot = integer(row['slot'])
  const address = text(row['address']) ?? null
  yield* signalsOfWithdrawal(
    { index: row['withdrawalindex'] ?? row['index'], validatorIndex: row['validatorindex'], amount: row['amount'], address },
    { block: undefined, atMs: slot === undefined ? undefined : slotMs(slot) }, scope, place,
  )
}

/** A signed wish to leave; the epoch is the earliest for it. */
function* readExit(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const message = exactObject(row['message']) ?? row
  const index = integerText(message['validator_index']), epoch = integer(message['epoch'])
  if (index === undefined || epoch === undefined) scope.reject(place, 'an exit without validator or epoch')
  else yield staking(scope, {
    type: 'unstake', key: `validator:${index}:voluntary_exit`, how: 'voluntary_exit', atMs: epochMs(epoch),
    facts: { validator: index, epoch: epoch.toString() },
  })
}

/** Paid in, and in the queue; slot 0 marks what no deposit brought. */
function* readPendingDeposit(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const pubkey = text(row['pubkey']), slot = integer(row['slot']), units = gwei(row['amount'])
  if (pubkey === undefined || units === undefined) scope.reject(place, 'a deposit without key or amount')
  else {
    yield staking(scope, {
      type: 'stake', key: `deposit:${pubkey}:${slot ?? ''}:${units}`, how: 'pending_deposit', atMs: slot === undefined ? undefined : slotMs(slot),
      facts: {
        pubkey, amount: units, slot: slot?.toString(), withdrawal_address: withdrawalAddress(text(row['withdrawal_credentials'])),
        state: 'unconfirmed',
      },
    })
  }
}

function* readPendingWithdrawal(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const index = integerText(row['validator_index']), epoch = integer(row['withdrawable_epoch']), units = gwei(row['amount'])
  if (index === undefined || epoch === undefined || units === undefined) scope.reject(place, 'a withdrawal without validator, epoch or amount')
  else {
    yield staking(scope, {
      type: 'unstake', key: `validator:${index}:partial:${epoch}:${units}`, how: 'pending_withdrawal', atMs: undefined,
      facts: { validator: index, amount: units, withdrawable_epoch: epoch.toString(), state: 'unconfirmed' },
    })
  }
}

/** A whole block: what was paid in, who asks to leave, and what was paid out. */
function* readBlock(block: Row, scope: Scope): Iterable<Signal> {
  const body = exactObject(block['body']) ?? {}, slot = integer(block['slot'])
  const payload = exactObject(body['execution_payload']) ?? {}
  const atMs = momentOf(payload['timestamp']) ?? (slot === undefined ? undefined : slotMs(slot))
  const requests = exactObject(body['execution_requests']) ?? {}
  let given = 0
  const deposits = [
    ...(exactList(body['deposits']) ?? []).map((each) => exactObject(exactObject(each)?.['data']) ?? {}),
    ...(exactList(requests['deposits']) ?? []).map((each) => exactObject(each) ?? {}),
  ]
  for (const [i, deposit] of deposits.entries()) {
    const pubkey = text(deposit['pubkey']), units = gwei(deposit['amount'])
    if (pubkey === undefined || units === undefined) scope.reject(`deposit ${i + 1}`, 'a deposit without key or amount')
    else {
      given++
      const wallet = withdrawalAddress(text(deposit['withdrawal_credentials']))
      yield staking(scope, {
        type: 'stake', key: `deposit:${pubkey}:${slot ?? ''}:${units}`, how: 'deposit', atMs,
        facts: { pubkey, amount: units, slot: slot?.toString(), withdrawal_address: wallet },
      })
    }
  }
  for (const [i, exit] of (exactList(body['voluntary_exits']) ?? []).entries()) {
    given++
    yield* readExit(exactObject(exit) ?? {}, scope, `exit ${i + 1}`)
  }
  for (const [i, withdrawal] of (exactList(payload['withdrawals']) ?? []).entries()) {
    given++
    yield* signalsOfWithdrawal(exactObject(withdrawal) ?? {}, { block: integer(payload['block_number']), atMs }, scope, `withdrawal ${i + 1}`)
  }
  if (given === 0) scope.reject('block', 'a block in which nobody staked or left')
}

/** Rows of beaconcha.in's page of withdrawals are cells of HTML: epoch, slot, age, address, amount. The whole amount stands in a title. */
function* readTableRow(row: Row, scope: Scope, place: string): Iterable<Signal> {
  const [epoch, slot, , to, value] = (exactList(row['cells']) ?? []).map((cell) => (typeof cell === 'string' ? cell : ''))
  const number = /href="\/slot\/(\d{1,18})"/.exec(slot ?? '')?.[1]
  const wallet = evmAddress(/href="\/address\/(0x[0-9a-fA-F]{40})"/.exec(to ?? '')?.[1])
  const coins = /title="(\d+(?:\.\d+)?)"/.exec(value ?? '')?.[1]
  if (number === undefined || wallet === undefined || coins === undefined) scope.reject(place, 'a withdrawal without slot, address or amount')
  else {
    yield staking(scope, {
      type: 'unstake', key: `withdrawal:slot:${number}:${wallet}:${coins}`, how: 'withdrawal', atMs: slotMs(BigInt(number)),
      facts: { slot: number, epoch: /href="\/epoch\/(\d+)"/.exec(epoch ?? '')?.[1], withdrawal_address: wallet, amount: coins },
    })
  }
}

export const isEventStream = (body: string): boolean => /^(?::[^\n]*\n|\s)*(?:event|data|id|retry):/.test(body)

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) of a beacon node. */
export function* readEvents(body: string, scope: Scope): Iterable<Signal> {
  for (const [i, block] of body.split(/\r?\n\r?\n/).entries()) {
    const lines = block.split(/\r?\n/)
    const kind = /^event: ?(.*)$/.exec(lines.find((line) => line.startsWith('event:')) ?? '')?.[1]
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5)).join('\n')
    if (data.trim() === '') continue
    const place = `event ${i + 1}`
    const message = exactObject(parseExact(data.trim(), `${scope.name}: ${place}`))
    if (message === undefined || kind === undefined) scope.reject(place, 'an event without name or data')
    else if (kind === 'voluntary_exit') yield* readExit(exactObject(message['data']) ?? message, scope, place)
    else scope.reject(place, 'an event by which nobody staked or left')
  }
}
