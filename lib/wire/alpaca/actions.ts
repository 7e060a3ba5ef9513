/**
 * Alpaca's corporate actions: by kind (GET /v1/corporate-actions, https://docs.alpaca.markets/reference/corporateactions-1), and the older
 * announcements of the trading API (GET /v2/corporate_actions/announcements), the only ones with a declaration date.
 */
import type { Signal } from '#record'
import { actionSignal, ratioOf, type Action } from '../bars/action.ts'
import type { Sheet } from '../bars/sheet.ts'
import { exactDecimal, exactId, exactList, exactObject, exactString, type ExactObject } from '../json_exact.ts'

interface Kind {
  readonly type: Action['type']
  /** More closely, where the type has several. */
  readonly form?: string
  readonly symbol: string
  /** Members that name the day it takes effect, the first that is there. */
  readonly day: readonly string[]
  /** New and old shares. */
  readonly ratio?: readonly [fresh: string, old: string]
  /** Money per share. */
  readonly cash?: string
}

const EX = ['ex_date', 'process_date'], EFFECT = ['effective_date', 'process_date']
const KINDS: Readonly<Record<string, Kind>> = {
  forward_splits: { type: 'split', form: 'forward', symbol: 'symbol', day: EX, ratio: ['new_rate', 'old_rate'] },
  reverse_splits: { type: 'split', form: 'reverse', symbol: 'symbol', day: EX, ratio: ['new_rate', 'old_rate'] },
  unit_splits: { type: 'split', form: 'unit', symbol: 'old_symbol', day: EFFECT, ratio: ['new_rate', 'old_rate'] },
  cash_dividends: { type: 'dividend', form: 'cash', symbol: 'symbol', day: EX, cash: 'rate' },
  stock_dividends: { type: 'dividend', form: 'stock', symbol: 'symbol', day: EX },
  spin_offs: { type: 'spin_off', symbol: 'source_symbol', day: EX, ratio: ['new_rate', 'source_rate'] },
  cash_mergers: { type: 'merger', form: 'cash', symbol: 'acquiree_symbol', day: EFFECT, cash: 'rate' },
  stock_mergers: { type: 'merger', form: 'stock', symbol: 'acquiree_symbol', day: EFFECT, ratio: ['acquirer_rate', 'acquiree_rate'] },
  stock_and_cash_mergers: {
    type: 'merger', form: 'stock_and_cash', symbol: 'acquiree_symbol', day: EFFECT, ratio: ['acquirer_rate', 'acquiree_rate'], cash: 'cash_rate',
  },
  redemptions: { type: 'redemption', symbol: 'symbol', day: ['process_date', 'payable_date'], cash: 'rate' },
  name_changes: { type: 'symbol_change', symbol: 'old_symbol', day: ['process_date'] },
  worthless_removals: { type: 'delisting', form: 'worthless', symbol: 'symbol', day: ['process_date'] },
  rights_distributions: { type: 'rights', symbol: 'source_symbol', day: EX },
}

/** Members that say themselves what they are, kept under their own names: amounts exact, dates and names as they are. */
const DECIMALS = ['rate', 'new_rate', 'old_rate', 'source_rate', 'acquirer_rate', 'acquiree_rate', 'cash_rate', 'alternate_rate']
const TEXTS = [
  'old_symbol', 'new_symbol', 'source_symbol', 'acquirer_symbol', 'acquiree_symbol', 'alternate_symbol', 'cusip', 'old_cusip', 'new_cusip',
  'process_date', 'ex_date', 'record_date', 'payable_date', 'effective_date', 'expiration_date',
  'due_bill_redemption_date', 'due_bill_on_date', 'due_bill_off_date',
]
const FLAGS = ['special', 'foreign']

/** Actions by kind; undefined where the answer has none of them. */
export function alpacaActions(answer: ExactObject, sheet: Sheet): Iterable<Signal> | undefined {
  const groups = exactObject(answer['corporate_actions'])
  return groups === undefined ? undefined : grouped(groups, sheet)
}

function* grouped(groups: ExactObject, sheet: Sheet): Generator<Signal> {
  let rows = 0
  for (const [group, list] of Object.entries(groups)) {
    const kind = Object.hasOwn(KINDS, group) ? KINDS[group] : undefined
    for (const [i, value] of (exactList(list) ?? []).entries()) {
      rows++
      const place = `${group} ${i + 1}`, row = exactObject(value)
      if (kind === undefined) sheet.reject(place, 'a corporate action of a kind that is not read')
      else if (row === undefined) sheet.reject(place, 'expected a corporate action')
      else {
        const signal = actionSignal(sheet, place, actionOf(row, kind))
        if (signal !== undefined) yield signal
      }
    }
  }
  if (rows === 0) sheet.none('answer', 'no corporate actions in the time asked for')
}

function actionOf(row: ExactObject, { type, form, symbol, day, ratio, cash }: Kind): Action {
  const text = (name: string): string | undefined => exactString(row[name])
  const stated = Object.fromEntries([
    ...TEXTS.map((name) => [name, text(name)] as const), ...DECIMALS.map((name) => [name, exactDecimal(row[name])] as const),
    ...FLAGS.map((name) => [name, typeof row[name] === 'boolean' ? row[name] : undefined] as const),
  ])
  return {
    type, service: 'alpaca', id: exactId(row['id']), symbol: text(symbol), day: day.map(text).find((date) => date !== undefined),
    facts: {
      form, ...stated,
      ratio: ratio === undefined ? undefined : ratioOf(exactDecimal(row[ratio[0]]), exactDecimal(row[ratio[1]])),
      cash: cash === undefined ? undefined : exactDecimal(row[cash]),
    },
  }
}

const ANNOUNCED: Readonly<Record<string, Action['type']>> = { dividend: 'dividend', split: 'split', spinoff: 'spin_off', merger: 'merger' }

export const isAnnouncement = (row: ExactObject | undefined): row is ExactObject =>
  row !== undefined && 'ca_type' in row && 'initiating_symbol' in row

/** Announcements, which are said again when their terms are settled: the id of the action stays, the announcement's own is a fact. */
export function* alpacaAnnouncements(rows: readonly (ExactObject | undefined)[], sheet: Sheet): Generator<Signal> {
  for (const [i, row] of rows.entries()) {
    const place = `announcement ${i + 1}`
    const name = row === undefined ? undefined : exactString(row['ca_type'])?.toLowerCase()
    const type = name !== undefined && Object.hasOwn(ANNOUNCED, name) ? ANNOUNCED[name] : undefined
    if (row === undefined || type === undefined) {
      sheet.reject(place, 'a corporate action of a kind that is not read')
      continue
    }
    const signal = actionSignal(sheet, place, announced(row, type))
    if (signal !== undefined) yield signal
  }
}

function announced(row: ExactObject, type: Action['type']): Action {
  const text = (name: string): string | undefined => exactString(row[name])
  const form = text('ca_sub_type')?.toLowerCase(), cash = exactDecimal(row['cash'])
  const fresh = exactDecimal(row['new_rate']), old = exactDecimal(row['old_rate'])
  return {
    type, service: 'alpaca', id: exactId(row['corporate_action_id']) ?? exactId(row['ca_id']), symbol: text('initiating_symbol'),
    day: text('ex_date') ?? text('effective_date') ?? text('payable_date'), declared: text('declaration_date'),
    facts: {
      form, announcement: exactId(row['id']), target_symbol: text('target_symbol'),
      ...(type === 'dividend' && form === 'cash' ? {} : { new_rate: fresh, old_rate: old, ratio: ratioOf(fresh, old) }),
      cash: cash !== undefined && Number(cash) > 0 ? cash : undefined,
      ex_date: text('ex_date'), record_date: text('record_date'), payable_date: text('payable_date'),
    },
  }
}
