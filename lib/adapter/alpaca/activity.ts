/** Alpaca's words for what moves an account without an execution (https://docs.alpaca.markets/docs/account-activities), read into ours. */
import { formatFixed } from '#domain/money/decimal'
import type { Activity, ActivityType } from '#port/broker'
import { parseMoment } from '#record'
import { centsAt, fieldOf, fixedAt, textAt, textIn, Unreadable, type Field } from '../venue/json.ts'
import { subjectOf } from './read.ts'

const TYPES: Readonly<Record<string, ActivityType>> = {
  FEE: 'fee', CFEE: 'fee', PTC: 'fee', PTR: 'fee',
  DIV: 'dividend', CGD: 'dividend', DIVCGL: 'dividend', DIVCGS: 'dividend', DIVFEE: 'dividend', DIVFT: 'dividend', DIVNRA: 'dividend', DIVROC: 'dividend',
  DIVTW: 'dividend', DIVTXEX: 'dividend',
  INT: 'interest', INTNRA: 'interest', INTTW: 'interest',
  CIL: 'in_lieu',
  CSD: 'capital', CSW: 'capital', JNL: 'capital', JNLC: 'capital', JNLS: 'capital', ACATC: 'capital', ACATS: 'capital',
  OPASN: 'exercise', OPEXC: 'exercise', OPEXP: 'exercise', OPCSH: 'exercise', OPTRD: 'delivery',
  SPLIT: 'action', SPIN: 'action', MA: 'action', NC: 'action', SC: 'action', REORG: 'action', VOF: 'action', OPCA: 'action', SSO: 'action', SSP: 'action',
}
/** Types whose `qty` is what has moved; of dividends it is what was held. */
const MOVES: ReadonlySet<ActivityType> = new Set<ActivityType>(['fee', 'capital', 'exercise', 'delivery', 'action'])

/** Its own name among the pages, and what it says; undefined for what is an execution. Throws Unreadable. */
export function readActivity(value: unknown, currency: string): { readonly id: string; readonly activity: Activity | undefined } {
  const field = fieldOf(value, 'activity')
  const id = textAt(field, 'id'), name = textAt(field, 'activity_type')
  return { id, activity: name === 'FILL' ? undefined : activityOf(field, id, name, currency) }
}

function activityOf(field: Field, id: string, name: string, currency: string): Activity {
  const day = textAt(field, 'date').slice(0, 10), own = textIn(field, 'currency') ?? currency
  if (parseMoment(day) === undefined) throw new Unreadable(`"${day}" is no day`)
  const isStock = name === 'DIV' && textIn(field, 'activity_sub_type') === 'SDIV'
  const type = own !== currency ? 'other' : isStock ? 'action' : TYPES[name] ?? 'other'
  const isOff = textIn(field, 'status') === 'canceled'
  const cents = textIn(field, 'net_amount') === undefined ? 0n : centsAt(field, 'net_amount')
  const quantity = MOVES.has(type) && textIn(field, 'qty') !== undefined ? fixedAt(field, 'qty') : 0n
  const symbol = textIn(field, 'symbol')
  const subject = symbol === undefined ? undefined : subjectOf(name === 'CFEE' ? { asset_class: 'crypto', ...field } : field)
  const moved = quantity === 0n ? undefined : formatFixed(quantity)
  const words = [name, textIn(field, 'activity_sub_type'), symbol, textIn(field, 'net_amount'), moved, textIn(field, 'description')]
  return {
    // Of two sides of one event only the type may tell them apart.
    activityId: `${name}:${id}`, type, day, said: words.filter((word) => word !== undefined).join(' '),
    cents: isOff ? 0n : cents, quantity: isOff ? 0n : quantity, ...(subject !== undefined && { subject }),
  }
}
