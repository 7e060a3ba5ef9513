import { formatInstant } from '#record'
import { command, Failure, type ActionWorld } from '#tool'
import { instrumentOf } from '#domain/execute/instrument'
import { ITS_CAUSE, type Move } from '#domain/execute/movement'
import type { Kept } from '#domain/execute/kept'
import { Shelf } from '#domain/execute/shelf'
import { formatFixed, parseFixed } from '#domain/money/decimal'
import {
  accrual, adjustment, compounding, deposit, loanDraw, loanOf, loanRepayment, loansOf, positionAdjustment, released, transfer, withdrawal,
} from '#domain/money/movements'
import { formatCents, parseCents, type Cents, type Fixed } from '#domain/money/money'
import { readVault, VAULT_FILE, vaultEntries, type Vault } from '#domain/vault/vault'

const WHAT = ['deposit', 'withdraw', 'transfer', 'draw', 'repay', 'compound', 'release', 'adjust'] as const
type What = (typeof WHAT)[number]
const isWhat = (word: string | undefined): word is What => WHAT.some((what) => what === word)

const LEDGER = 'ledger.json', TRADE_LOG = 'trade_log.jsonl', ENTRIES = 'ledger.ndjson'

export default command({
  name: 'vanta-vault move',
  summary: 'Move money of a vault otherwise than by trading: capital, transfers, loans, reserve, adjustments; who and why are part of the record.',
  about: `deposit, withdraw: capital that comes or goes. transfer: to another vault (--to). draw, repay: the loan of the vault's settings, at their
rate, up to their principal; where the lender is a vault, both books are moved. compound: split the profit realised since the last time into
what stays at work and the reserve, by the settings (executors do it each day); release: back out of the reserve. adjust: what a statement
of the account says and nothing else explains, below zero for what was taken; with --subject and --quantity units that came, or below zero went,
at the money that was paid for them or came of them (0: none); with --settles a corporate action that could not be booked no longer stops trade
in its subject.

What a venue tells of fees, dividends and interest the executor books by itself. Money that was brought to the account or taken away is nobody's:
it lies beside the vaults until deposit or withdraw here says whose it is.

The record and its entries are written to logs/trade_log.jsonl before they count; while an executor runs the status is 75.`,
  operands: `NAME ${WHAT.join('|')} [AMOUNT]`,
  options: {
    reason: { kind: 'text', required: true, help: 'why it is moved' },
    who: { kind: 'text', variable: 'USER', default: 'unknown', help: 'who moves it' },
    to: { kind: 'text', help: 'transfer: the vault that gets it' },
    subject: { kind: 'text', help: 'adjust: of which units came or went, such as ticker:AAPL' },
    quantity: { kind: 'decimal', help: 'adjust: how many came, or with a minus went (--quantity=-2)' },
    settles: { kind: 'text', help: 'adjust: the corporate action it makes good, as refusals name it: TYPE:SUBJECT:DAY' },
  },
  examples: [
    'vanta-vault init core --cash 100000 >/dev/null && vanta-vault move core deposit 5000 --reason "more of it"',
    'vanta-vault init core >/dev/null && vanta-vault move core adjust --reason "shares nobody told of" --subject ticker:AAPL --quantity 5',
  ],
  act({ reason: why, who, to, subject, quantity, settles }, [name, what, text, ...more], world, emit) {
    if (name === undefined || !isWhat(what) || more.length > 0) throw new Failure('usage', `expected NAME and one of ${WHAT.join(', ')}`)
    const at = formatInstant(world.clock.now())
    const units = unitsOf(what, subject, quantity)
    const release = world.logs.lock(TRADE_LOG)
    try {
      const stored = world.store.read(LEDGER), vaultOf = (of: string): Vault => vaultNamed(of, world)
      const shelf = refusing('data', () => {
        const logs = { trades: world.journal(TRADE_LOG), entries: world.journal(ENTRIES), by: world.by }
        return new Shelf(logs, vaultOf, (stored?.memory ?? {}) as Partial<Kept>)
      })
      shelf.finish()
      const wish: Wish = { name, what, amount: amountOf(what, text ?? (units === undefined ? undefined : '0')), units, to, settles, at }
      const record = refusing('refused', () => shelf.move({ what, who, why, at, by: world.by }, movesFor(wish, shelf, world)))
      shelf.settle()
      // What a killed run of the executor has not told is left to its next one.
      if (shelf.untold.length === 0) shelf.landed()
      world.store.write(LEDGER, shelf.toState(), stored?.version ?? 0)
      emit(record)
      for (const entry of shelf.told()) emit(entry)
    } finally {
      release()
    }
  },
})

interface Units {
  readonly subject: string
  readonly quantity: Fixed
}

interface Wish {
  readonly name: string
  readonly what: What
  readonly amount: Cents
  readonly units: Units | undefined
  readonly to: string | undefined
  readonly settles: string | undefined
  readonly at: string
}

/** The entries of what is wished for. Throws RangeError where the books do not allow it. */
function movesFor({ name, what, amount, units, to, settles, at }: Wish, shelf: Shelf, world: ActionWorld): Move[] {
  const vault = vaultNamed(name, world), { ledger } = shelf.book(name, at), cause = { ref: '', at }
  const own = (entry: Move['entry'] | undefined, nothing: string): Move[] => {
    if (entry === undefined) throw new RangeError(nothing)
    return [{ vault: name, entry }]
  }
  switch (what) {
    case 'deposit': return own(deposit(amount, cause), '')
    case 'withdraw': return own(withdrawal(ledger, amount, cause), '')
    case 'release': return own(released(ledger, amount, cause), '')
    case 'compound': return own(compounding(ledger, vault.growth, cause), 'no profit was realised beyond what is split already')
    case 'adjust': {
      const marks = settles === undefined ? {} : { [`action:${settles}`]: at.slice(0, 10) }
      if (units !== undefined) {
        const entry = positionAdjustment(ledger, units.subject, units.quantity, amount, { ref: ITS_CAUSE, at })
        return [{ vault: name, entry: { ...entry, marks }, subject: units.subject }]
      }
      const entry = amount === 0n && settles !== undefined ? { at, type: 'adjustment' as const, postings: [] } : adjustment(amount, cause)
      return own({ ...entry, marks }, '')
    }
    case 'transfer': {
      if (to === undefined || to === name) throw new Failure('usage', 'transfer: --to which other vault?')
      if (vaultNamed(to, world).currency !== vault.currency) throw new RangeError(`${to} has its books in another currency`)
      const { given, got } = transfer(ledger, amount, cause)
      return [{ vault: name, entry: given }, { vault: to, entry: got }]
    }
    default: return loanMoves({ name, what, amount, at, vault }, shelf, world)
  }
}

interface LoanWish {
  readonly name: string
  readonly what: 'draw' | 'repay'
  readonly amount: Cents
  readonly at: string
  readonly vault: Vault
}

/** In the borrower's books and, where a vault lends, in the lender's. Interest up to the day is booked before. */
function loanMoves({ name, what, amount, at, vault: { loan } }: LoanWish, shelf: Shelf, world: ActionWorld): Move[] {
  if (loan === undefined) throw new RangeError(`vault ${name} has no loan in its settings`)
  const isVault = vaultEntries(world.store.read(VAULT_FILE)?.memory).some(([known]) => known === loan.lender)
  const id = `${loan.lender}-${name}`, sides = isVault ? [name, loan.lender] : [name]
  const owes = loansOf(shelf.book(name, at).ledger).find((known) => known.loan === id)
  if (what === 'draw' && (owes?.principal ?? 0n) + amount > loan.principal) {
    throw new RangeError(`the loan is of ${formatCents(loan.principal)}, ${formatCents(owes?.principal ?? 0n)} of it is drawn`)
  }
  return sides.map((vault) => {
    const { ledger } = shelf.book(vault, at), side = vault === name ? 'borrower' : 'lender'
    const due = owes === undefined ? undefined : accrual(ledger, id, { ref: loanOf(ledger, id).ref, at })
    if (due !== undefined) shelf.post(vault, due, { knownAt: at, detail: `loan ${id}` })
    const cause = { ref: ITS_CAUSE, at }
    const entry = what === 'draw' ? loanDraw(ledger, id, amount, formatFixed(loan.rate), cause, side) : loanRepayment(ledger, id, amount, cause)
    return { vault, entry }
  })
}

function amountOf(what: What, text: string | undefined): Cents {
  if (what === 'compound') {
    if (text !== undefined) throw new Failure('usage', 'compound takes no amount')
    return 0n
  }
  const cents = text === undefined ? undefined : parseCents(text)
  if (cents === undefined || (cents < 0n && what !== 'adjust')) throw new Failure('usage', `${what}: expected an amount in whole cents, got "${text ?? ''}"`)
  return cents
}

function unitsOf(what: What, subject: string | undefined, quantity: string | undefined): Units | undefined {
  if (subject === undefined && quantity === undefined) return undefined
  const units = quantity === undefined ? undefined : parseFixed(quantity)
  if (what !== 'adjust' || subject === undefined || units === undefined || units === 0n) {
    throw new Failure('usage', '--subject and --quantity go together, with adjust')
  }
  if (instrumentOf(subject) === undefined) throw new Failure('usage', `--subject: nothing is traded as "${subject}"; expected one like ticker:AAPL`)
  return { subject, quantity: units }
}

function refusing<T>(exit: 'refused' | 'data', work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof SyntaxError)) throw cause
    throw new Failure(exit, cause.message, cause)
  }
}

function vaultNamed(name: string, world: ActionWorld): Vault {
  const vault = readVault(world.store.read(VAULT_FILE)?.memory, name)
  if (vault === undefined) throw new Failure('config', `no vault '${name}': run vanta-vault init ${name}`)
  if (typeof vault === 'string') throw new Failure('config', `memory/${VAULT_FILE}: ${vault}`)
  return vault
}
