/** A vault's journal for people: a line a posting. */
import { commodityOf } from './names.ts'
import { described, periodOf, type Exported } from './walk.ts'
import { subjectOf } from '../accounts.ts'
import { formatCents } from '../money.ts'
import { columns } from '../../report/columns.ts'

export function* tableLines(exported: Exported): Generator<string> {
  const rows: string[][] = [['day', 'no', 'what', 'account', 'amount', 'quantity']]
  const { opening, days } = periodOf(exported)
  for (const [account, cents] of opening?.balances ?? []) rows.push([exported.since ?? '', '', 'opening', account, formatCents(cents), ''])
  for (const { day, told } of days) {
    for (const { record } of told) {
      for (const [i, { account, amount, quantity }] of record.postings.entries()) {
        const subject = subjectOf(account)
        const of = quantity === undefined || subject === undefined ? '' : `${quantity} ${commodityOf(subject, exported.currency)}`
        rows.push([day, i === 0 ? String(record.sequence) : '', i === 0 ? described(record) : '', account, amount, of])
      }
    }
  }
  yield* columns(rows, new Set([1, 4, 5]))
}
