/**
 * The chart of accounts of a vault. Debits are positive, credits negative. Assets and liabilities together are the equity; what made it
 * is in the accounts of equity, income and expenses.
 */

/** Money at hand, to be traded with. */
export const CASH = 'assets:cash'
/** Money at the same venue that is kept out of trading: nothing is sized upon it. */
export const RESERVE = 'assets:reserve'
export const CAPITAL = 'equity:capital'
/** What came from other vaults, and went there. */
export const TRANSFERS = 'equity:transfers'
export const REALISED = 'income:realised'
export const DIVIDENDS = 'income:dividends'
export const INTEREST_EARNED = 'income:interest'
export const FEES = 'expenses:fees'
export const INTEREST = 'expenses:interest'
/** What an account statement says and nothing else explains: booked by a person, with a reason. */
export const ADJUSTMENTS = 'expenses:adjustments'

const POSITION = 'assets:position:'
export const positionAccount = (subject: string): string => `${POSITION}${subject}`
export const subjectOf = (account: string): string | undefined => (account.startsWith(POSITION) ? account.slice(POSITION.length) : undefined)
/** Dividends whose ex date has passed and that are not paid yet. */
export const receivableAccount = (subject: string): string => `assets:receivable:${subject}`
/** What is owed to a lender, or by a borrower: principal, and interest that has accrued and is not paid. */
export const loanAccount = (loan: string): string => `liabilities:loan:${loan}`
export const accruedAccount = (loan: string): string => `liabilities:interest:${loan}`
export const lentAccount = (loan: string): string => `assets:loan:${loan}`
export const earnedAccount = (loan: string): string => `assets:interest:${loan}`

export const isOfBalanceSheet = (account: string): boolean => account.startsWith('assets:') || account.startsWith('liabilities:')

/** Accounts against which money comes into the books and leaves them without any trade: no venue tells of it. */
export const isFunding = (account: string): boolean =>
  account.startsWith('equity:') || account.startsWith('liabilities:') || account.startsWith('assets:loan:') || account.startsWith('assets:interest:') ||
  account === INTEREST || account === INTEREST_EARNED
