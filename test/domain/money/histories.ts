/** Random histories of a vault's books: trades, loans, transfers, dividends, splits and whatever else moves money. */
import fc from 'fast-check'
import { formatInstant, make, millisOf, type JournalEntry } from '#record'
import { Book } from '#domain/execute/book'
import { ONE } from '#domain/money/decimal'
import type { LotMethod } from '#domain/money/ledger'
import { accrual, adjustment, compounding, deposit, loanDraw, loanRepayment, loansOf, released, transfer, withdrawal } from '#domain/money/movements'
import type { Entry } from '#domain/money/entry'

export const SUBJECTS = ['ticker:GME', 'ticker:F', 'ticker:BRK.B', 'ticker:USD', 'coin:BTC', 'wallet:0xAb']
const START_MS = millisOf('2021-01-04T14:30:00.000Z')

export type Step =
  | { readonly do: 'trade'; readonly side: 'buy' | 'sell'; readonly subject: string; readonly quantity: bigint; readonly price: bigint; readonly fee: bigint }
  | { readonly do: 'deposit' | 'withdraw' | 'give' | 'get' | 'draw' | 'lend' | 'repay' | 'adjust' | 'release'; readonly amount: bigint; readonly loan: string }
  | { readonly do: 'interest'; readonly loan: string }
  | { readonly do: 'compound'; readonly growth: bigint }

const trade = fc.record({
  do: fc.constant('trade' as const), side: fc.constantFrom('buy' as const, 'buy' as const, 'sell' as const), subject: fc.constantFrom(...SUBJECTS),
  quantity: fc.oneof(fc.bigInt({ min: 1n, max: 40n }).map((n) => n * ONE), fc.bigInt({ min: 1n, max: 40n * ONE })),
  price: fc.bigInt({ min: 1n, max: 90n * ONE }), fee: fc.bigInt({ min: 0n, max: 90n }),
})
const money = fc.record({
  do: fc.constantFrom('deposit' as const, 'withdraw' as const, 'give' as const, 'get' as const, 'draw' as const, 'lend' as const, 'repay' as const, 'adjust' as const, 'release' as const),
  amount: fc.bigInt({ min: 1n, max: 100_000n }), loan: fc.constantFrom('L1', 'L2'),
})
const timely = fc.oneof(
  fc.record({ do: fc.constant('interest' as const), loan: fc.constantFrom('L1', 'L2') }),
  fc.record({ do: fc.constant('compound' as const), growth: fc.bigInt({ min: 0n, max: ONE }) }),
)
export const histories = fc.record({
  method: fc.constantFrom<LotMethod>('fifo', 'average'),
  steps: fc.array(fc.record({ step: fc.oneof({ weight: 4, arbitrary: trade as fc.Arbitrary<Step> }, money as fc.Arbitrary<Step>, timely as fc.Arbitrary<Step>), hours: fc.integer({ min: 0, max: 60 }) }), { maxLength: 40 }),
})

/** Plays what the books take; what they refuse has to leave them as they were. */
export function played({ method, steps }: { readonly method: LotMethod; readonly steps: readonly { readonly step: Step; readonly hours: number }[] }): { book: Book; entries: JournalEntry[] } {
  const book = new Book('core', 'USD')
  const at0 = formatInstant(START_MS)
  const entries = [book.said(book.ledger.open(5_000_000n, at0, 'vault:core', method), { by: 'test/0', knownAt: at0 })]
  let ms = START_MS
  for (const [i, { step, hours }] of steps.entries()) {
    ms += hours * 3_600_000
    const at = formatInstant(ms), ref = make('control', { type: 'cause', at, known_at: at, source: `test/${i}`, by: 'test/0' }).id
    const before = JSON.stringify(book.ledger.toState())
    try {
      for (const entry of entriesOf(book, step, { ref, at })) {
        book.ledger.post(entry)
        entries.push(book.said(entry, { by: 'test/0', knownAt: at, ...(step.do === 'trade' && { subject: step.subject, band: ['low', 'middle', 'high'][i % 3], maker: ['chatter', 'insider', 'chatter+insider'][i % 3] }) }))
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      if (JSON.stringify(book.ledger.toState()) !== before) throw new Error('a refused movement left its traces')
    }
  }
  return { book, entries }
}

/** Planned on a copy, so that the books themselves take plain entries. */
function entriesOf({ ledger }: Book, step: Step, cause: { readonly ref: string; readonly at: string }): Entry[] {
  const present = (entry: Entry | undefined): Entry[] => (entry === undefined ? [] : [entry])
  if (step.do === 'trade') {
    const { side, subject, quantity, price, fee } = step
    const copy = (ledger.constructor as typeof import('#domain/money/ledger').Ledger).fromState(ledger.toState())
    return [copy.trade({ ...cause, side, subject, quantity, price, feeCents: fee })]
  }
  if (step.do === 'compound') return present(compounding(ledger, step.growth, cause))
  if (step.do === 'interest') return loansOf(ledger).flatMap(({ loan }) => present(accrual(ledger, loan, cause)))
  if (step.do === 'deposit') return [deposit(step.amount, cause)]
  if (step.do === 'withdraw') return [withdrawal(ledger, step.amount, cause)]
  if (step.do === 'give') return [transfer(ledger, step.amount, cause).given]
  if (step.do === 'get') return [deposit(step.amount, cause)]
  if (step.do === 'adjust') return [adjustment(step.amount % 2n === 0n ? step.amount : -step.amount, cause)]
  if (step.do === 'release') return [released(ledger, step.amount, cause)]
  if (step.do === 'repay') return [loanRepayment(ledger, step.loan, step.amount, cause)]
  const name = step.do === 'draw' ? step.loan : `${step.loan}-out`
  return [loanDraw(ledger, name, step.amount, '0.0825', cause, step.do === 'draw' ? 'borrower' : 'lender')]
}
