/**
 * Movements of money that are no trades, as entries to be posted: capital, transfers between vaults, loans and their interest, what is kept of
 * realised profit. Each says no with a RangeError where it cannot be.
 */
import { DAY_MS, formatInstant, parseMoment } from '#record'
import {
  accruedAccount, ADJUSTMENTS, CAPITAL, CASH, DIVIDENDS, earnedAccount, FEES, INTEREST, INTEREST_EARNED, lentAccount, loanAccount, REALISED, RESERVE, TRANSFERS,
} from './accounts.ts'
import { floorDiv, ONE } from './decimal.ts'
import type { Entry, Posting } from './entry.ts'
import { centsOf, fixedOf, formatCents, type Cents, type Fixed } from './money.ts'
import type { Ledger } from './ledger.ts'

/** What brought it about, and when. */
export interface Cause {
  readonly ref: string
  readonly at: string
}

const above = (amount: Cents, what: string): void => {
  if (amount <= 0n) throw new RangeError(`${what}: expected an amount above zero, got ${formatCents(amount)}`)
}
const affordable = (ledger: Ledger, amount: Cents, what: string): void => {
  above(amount, what)
  if (amount > ledger.cash) throw new RangeError(`${what}: ${formatCents(amount)} to pay, ${formatCents(ledger.cash)} in cash`)
}
const two = (debit: string, credit: string, amountCents: Cents): Posting[] => [{ account: debit, amountCents }, { account: credit, amountCents: -amountCents }]

export function deposit(amount: Cents, { ref, at }: Cause): Entry {
  above(amount, 'deposit')
  return { ref, at, type: 'deposit', postings: two(CASH, CAPITAL, amount) }
}

export function withdrawal(ledger: Ledger, amount: Cents, { ref, at }: Cause): Entry {
  affordable(ledger, amount, 'withdrawal')
  return { ref, at, type: 'withdrawal', postings: two(CAPITAL, CASH, amount) }
}

/** Both sides of a transfer between vaults, of one cause: what the one gives the other gets. */
export function transfer(from: Ledger, amount: Cents, { ref, at }: Cause): { readonly given: Entry; readonly got: Entry } {
  affordable(from, amount, 'transfer')
  return {
    given: { ref, at, type: 'transfer', postings: two(TRANSFERS, CASH, amount) },
    got: { ref, at, type: 'transfer', postings: two(CASH, TRANSFERS, amount) },
  }
}

/** What a person books because a statement says so: money that came (above zero) or went. */
export function adjustment(amount: Cents, { ref, at }: Cause): Entry {
  if (amount === 0n) throw new RangeError('adjustment: expected an amount')
  return { ref, at, type: 'adjustment', postings: two(CASH, ADJUSTMENTS, amount) }
}

/**
 * The same of a position: units that came (above zero) or went, and the money that came or went with them. What comes costs what was paid, what goes
 * leaves at its cost; the rest is explained by nothing else.
 */
export function positionAdjustment(ledger: Ledger, subject: string, quantity: Fixed, amount: Cents, { ref, at }: Cause): Entry {
  if (quantity === 0n) throw new RangeError('adjustment: expected a quantity')
  const moved = quantity > 0n ? [ledger.bought(subject, quantity, amount < 0n ? -amount : 0n, ref, at)] : ledger.taken(subject, -quantity)
  const cost = moved.reduce((sum, { amountCents }) => sum + amountCents, 0n)
  const rest = [{ account: CASH, amountCents: amount }, { account: ADJUSTMENTS, amountCents: -cost - amount }].filter(({ amountCents }) => amountCents !== 0n)
  return { ref, at, type: 'adjustment', postings: [...moved, ...rest] }
}

/** Days of interest are counted from midnight to midnight, UTC; a year has 365. */
const DAYS_OF_YEAR = 365n
/** Cents x rate (10^-8) x days: so many of them are a cent. */
const PER_CENT = ONE * DAYS_OF_YEAR

const mark = (loan: string, name: string): string => `loan:${loan}:${name}`
const dayNumber = (day: string): bigint => {
  const ms = parseMoment(day)
  if (ms === undefined) throw new RangeError(`"${day}" is no day`)
  return BigInt(Math.floor(ms / DAY_MS))
}

/** A loan as the books know it. */
export interface Loan {
  readonly loan: string
  /** Of a year, 10^-8: 8 % is 8_000_000. */
  readonly rate: Fixed
  readonly principal: Cents
  /** Interest that has accrued and is not paid. */
  readonly accrued: Cents
  /** Up to this day interest is booked. */
  readonly accruedTo: string
  readonly side: 'borrower' | 'lender'
  /** The record that brought it about. */
  readonly ref: string
}

/** Loans that are not paid back. */
export function loansOf(ledger: Ledger): Loan[] {
  const loans: Loan[] = []
  for (const name of ledger.marks().keys()) {
    const loan = /^loan:(.+):rate$/.exec(name)?.[1]
    if (loan !== undefined) loans.push(loanOf(ledger, loan))
  }
  return loans
}

export function loanOf(ledger: Ledger, loan: string): Loan {
  const rate = ledger.mark(mark(loan, 'rate')), accruedTo = ledger.mark(mark(loan, 'accrued_to'))
  if (rate === undefined || accruedTo === undefined) throw new RangeError(`no loan "${loan}"`)
  const side = ledger.mark(mark(loan, 'side')) === 'lender' ? 'lender' : 'borrower'
  const principal = side === 'lender' ? ledger.balance(lentAccount(loan)) : ledger.owed(loan)
  const accrued = side === 'lender' ? ledger.balance(earnedAccount(loan)) : -ledger.balance(accruedAccount(loan))
  return { loan, rate: fixedOf(rate), principal, accrued, accruedTo, side, ref: ledger.mark(mark(loan, 'ref')) ?? '' }
}

/**
 * Draw on a loan, at the rate given for the whole of it; `lender` is for the books of a vault that lends. Interest up to the day has to be booked
 * before (`accrual`).
 */
export function loanDraw(ledger: Ledger, loan: string, amount: Cents, rateText: string, cause: Cause, side: Loan['side'] = 'borrower'): Entry {
  if (side === 'lender') affordable(ledger, amount, 'loan')
  else above(amount, 'loan')
  if (!/^[\w.-]+$/.test(loan)) throw new RangeError(`"${loan}" is no name of a loan`)
  if (fixedOf(rateText) < 0n) throw new RangeError(`rate: ${rateText} is below zero`)
  const day = cause.at.slice(0, 10)
  const known = ledger.mark(mark(loan, 'accrued_to'))
  if (known !== undefined && known !== day) throw new RangeError(`loan ${loan}: interest is booked up to ${known}, not ${day}`)
  const postings = side === 'lender' ? two(lentAccount(loan), CASH, amount) : two(CASH, loanAccount(loan), amount)
  const marks = { [mark(loan, 'rate')]: rateText, [mark(loan, 'accrued_to')]: known ?? day, [mark(loan, 'side')]: side, [mark(loan, 'ref')]: cause.ref }
  return { ...cause, type: 'loan_draw', postings, marks }
}

/**
 * Interest of the days since the last time, actual/365 on the principal, simple. The fraction of a cent is carried from day to day, so that no
 * sequence of days makes more than a cent of difference; a borrower's rounds up, a lender's down. Undefined where there is nothing to book.
 */
export function accrual(ledger: Ledger, loan: string, cause: Cause): Entry | undefined {
  const { rate, principal, accruedTo, side } = loanOf(ledger, loan)
  const day = cause.at.slice(0, 10), days = dayNumber(day) - dayNumber(accruedTo)
  if (days <= 0n) return undefined
  // Of what was booked before: how far it is behind (above zero) or ahead of what it should be exactly.
  const owing = BigInt(ledger.mark(mark(loan, 'carry')) ?? '0') + principal * rate * days
  const cents = side === 'borrower' ? -floorDiv(-owing, PER_CENT) : floorDiv(owing, PER_CENT)
  const carry = owing - cents * PER_CENT
  const marks = { [mark(loan, 'accrued_to')]: day, [mark(loan, 'carry')]: carry === 0n ? '' : String(carry) }
  const postings = side === 'borrower' ? two(INTEREST, accruedAccount(loan), cents) : two(earnedAccount(loan), INTEREST_EARNED, cents)
  return { ...cause, type: 'interest', postings: cents === 0n ? [] : postings, marks }
}

/** Pay (or, as the lender, be paid) interest first, then principal. Interest up to the day has to be booked before. */
export function loanRepayment(ledger: Ledger, loan: string, amount: Cents, cause: Cause): Entry {
  const { principal, accrued, accruedTo, side } = loanOf(ledger, loan)
  if (accruedTo < cause.at.slice(0, 10)) throw new RangeError(`loan ${loan}: interest is booked up to ${accruedTo} only`)
  if (amount > principal + accrued) throw new RangeError(`loan ${loan}: ${formatCents(amount)} is more than the ${formatCents(principal + accrued)} owed`)
  if (side === 'borrower') affordable(ledger, amount, 'repayment')
  else above(amount, 'repayment')
  const interest = amount < accrued ? amount : accrued, rest = amount - interest
  const sign = side === 'borrower' ? 1n : -1n
  const [owing, paying] = side === 'borrower' ? [accruedAccount(loan), loanAccount(loan)] : [earnedAccount(loan), lentAccount(loan)]
  const postings: Posting[] = [{ account: CASH, amountCents: -sign * amount }]
  if (interest > 0n) postings.push({ account: owing, amountCents: sign * interest })
  if (rest > 0n) postings.push({ account: paying, amountCents: sign * rest })
  const isDone = amount === principal + accrued
  const marks = isDone ? Object.fromEntries(['rate', 'accrued_to', 'carry', 'side', 'ref'].map((name) => [mark(loan, name), ''])) : undefined
  return { ...cause, type: 'loan_repayment', postings, ...(marks !== undefined && { marks }) }
}

/** Profit that has come in: sales, dividends and interest, less fees and interest paid or owed. */
export const realisedProfit = (ledger: Ledger): Cents =>
  -[REALISED, DIVIDENDS, INTEREST_EARNED, FEES, INTEREST, ADJUSTMENTS].reduce((sum, account) => sum + ledger.balance(account), 0n)

const COMPOUNDED = 'compounded', REINVESTED = 'reinvested'
/** The highest profit that was ever split: a loss has to be made good before there is anything to split again. */
export const compounded = (ledger: Ledger): Cents => centsOf(ledger.mark(COMPOUNDED) ?? '0.00')
/** Of that profit, what stayed to be traded with. */
export const reinvested = (ledger: Ledger): Cents => centsOf(ledger.mark(REINVESTED) ?? '0.00')

/**
 * Split the profit realised beyond what was split before: the share `growth` (10^-8) stays in trading, the rest goes to the reserve, rounded up.
 * Undefined where there is none; where too little cash is at hand only so much profit is split as its reserve can be paid of.
 */
export function compounding(ledger: Ledger, growth: Fixed, cause: Cause): Entry | undefined {
  if (growth < 0n || growth > ONE) throw new RangeError('growth: expected a share from 0 to 1')
  const known = compounded(ledger), fresh = realisedProfit(ledger) - known
  if (fresh <= 0n) return undefined
  const wished = -floorDiv(-(fresh * (ONE - growth)), ONE)
  const cash = ledger.cash > 0n ? ledger.cash : 0n
  const kept = wished <= cash ? wished : cash
  const split = kept === wished ? fresh : (fresh * kept) / wished
  if (split === 0n) return undefined
  const marks = { [COMPOUNDED]: formatCents(known + split), [REINVESTED]: formatCents(reinvested(ledger) + split - kept) }
  return { ...cause, type: 'compounding', postings: kept === 0n ? [] : two(RESERVE, CASH, kept), marks }
}

/** Put money of the reserve back into trading. */
export function released(ledger: Ledger, amount: Cents, cause: Cause): Entry {
  above(amount, 'release')
  if (amount > ledger.reserve) throw new RangeError(`release: ${formatCents(amount)} is more than the reserve of ${formatCents(ledger.reserve)}`)
  return { ...cause, type: 'compounding', postings: two(CASH, RESERVE, amount) }
}

/** The first midnight after an instant: when the next day of interest is due. */
export const nextMidnight = (at: string): string => formatInstant((Math.floor((parseMoment(at) ?? 0) / DAY_MS) + 1) * DAY_MS)
