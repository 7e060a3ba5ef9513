/** Entries of an exchange's ledger, deposits and withdrawals in ccxt's unified words (https://docs.ccxt.com/#/README?id=ledger), read into activities. */
import type { Activity, ActivityType } from '#port/broker'
import { formatInstant } from '#record'
import { centsAt, fieldOf, fixedAt, isField, listOf, textAt, textIn, type Field } from '../venue/json.ts'

/** An entry of a list that is paged by time. */
export interface Told {
  readonly id: string
  readonly atMs: number
  readonly activity: Activity | undefined
}

const TYPES: Readonly<Record<string, ActivityType>> = {
  transaction: 'capital', deposit: 'capital', withdrawal: 'capital', transfer: 'capital', fee: 'fee', rebate: 'fee', cashback: 'fee', referral: 'fee',
  interest: 'interest', staking: 'interest', rollover: 'interest',
}

/** Trades are told as executions, their fees with them. */
export function readLedger(value: unknown, currency: string): readonly Told[] {
  return listOf(value, 'ledger').map((one) => {
    const field = fieldOf(one, 'entry'), id = textAt(field, 'id'), name = textIn(field, 'type') ?? 'other'
    const isDone = (textIn(field, 'status') ?? 'ok') === 'ok'
    const activity = name === 'trade' || !isDone ? undefined
      : activityOf({ field, id: `ledger:${id}`, name, type: TYPES[name] ?? 'other', amount: moved(field, textIn(field, 'direction') === 'out'), currency })
    return { id, atMs: momentIn(field), activity }
  })
}

/** What is on its way, or has failed, has moved nothing. */
export function readTransfers(value: unknown, way: 'deposit' | 'withdrawal', currency: string): readonly Told[] {
  return listOf(value, 'transactions').map((one) => {
    const field = fieldOf(one, way), id = textAt(field, 'id')
    const amount = moved(field, way === 'withdrawal')
    const activity = textIn(field, 'status') !== 'ok' ? undefined : activityOf({ field, id: `${way}:${id}`, name: way, type: 'capital', amount, currency })
    return { id, atMs: momentIn(field), activity }
  })
}

interface Said {
  readonly field: Field
  readonly id: string
  readonly name: string
  readonly type: ActivityType
  readonly amount: string
  readonly currency: string
}

function activityOf({ field, id, name, type, amount, currency }: Said): Activity {
  const own = textAt(field, 'currency'), day = formatInstant(momentIn(field)).slice(0, 10)
  const fee = isField(field['fee']) && field['fee']['currency'] === own && textIn(field['fee'], 'cost') !== undefined ? field['fee'] : undefined
  const parts = { amount, fee: fee === undefined ? '0' : negated(textAt(fee, 'cost')) }
  const common = { activityId: id, day, said: `${name} ${amount} ${own}` }
  if (own === currency) return { ...common, type, cents: centsAt(parts, 'amount') + centsAt(parts, 'fee'), quantity: 0n }
  const quantity = fixedAt(parts, 'amount') + fixedAt(parts, 'fee')
  // Interest in kind is no money: a person says what it is worth.
  const isClear = type === 'capital' || (type === 'fee' && quantity < 0n)
  return { ...common, type: isClear ? type : 'other', subject: `pair:${own}/${currency}`, cents: 0n, quantity }
}

const negated = (text: string): string => (text.startsWith('-') ? text.slice(1) : `-${text}`)

/** Some exchanges say which way by the sign, some beside the amount, and some by both. */
function moved(field: Field, isOut: boolean): string {
  const amount = textAt(field, 'amount')
  return isOut && !amount.startsWith('-') ? negated(amount) : amount
}

function momentIn(field: Field): number {
  const value = field['timestamp'], ms = typeof value === 'string' ? Number(value) : value
  return typeof ms === 'number' && Number.isFinite(ms) ? ms : 0
}
