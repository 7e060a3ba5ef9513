/** Exposure against the caps at every decision to buy: what is held and what open purchases may still add, sales only once they are filled. */
import type { Violation } from './checker.ts'
import type { Line, OrderLine } from './lines.ts'
import { Tally, type Account } from './tally.ts'
import { SECTORS, type DayTerms } from './terms.ts'

/** In cents, as it was told last by that moment. */
export type PriceAt = (subject: string, at: string) => number | undefined

/** Every purchase in the log from line `from` on. */
export function checkCaps(log: readonly Line[], from: number, terms: DayTerms, priceAt: PriceAt): Violation[] {
  const found: Violation[] = [], tally = new Tally()
  for (const [i, line] of log.entries()) {
    tally.take(line)
    if (i >= from && line.kind === 'order' && line.state === 'intended' && line.side === 'buy') found.push(...overCaps(tally, line, terms, priceAt))
  }
  return found
}

interface Exposure {
  equity: number
  gross: number
  readonly subjects: Map<string, number>
  readonly sectors: Map<string, number>
  readonly sources: Map<string, number>
}

function exposureOf(accounts: Iterable<Account>, worth: (subject: string, shares: number) => number): Exposure {
  const all: Exposure = { equity: 0, gross: 0, subjects: new Map(), sectors: new Map(), sources: new Map() }
  const add = (sums: Map<string, number>, name: string, value: number): void => void sums.set(name, (sums.get(name) ?? 0) + value)
  const expose = (subject: string, maker: string, value: number): void => {
    all.gross += value
    add(all.subjects, subject, value)
    add(all.sectors, SECTORS[subject] ?? 'unknown', value)
    for (const one of new Set(maker.split('+'))) add(all.sources, one, value)
  }
  for (const account of accounts) {
    all.equity += account.cashCents
    for (const [subject, { maker }] of account.held) {
      const value = worth(subject, account.shares(subject))
      all.equity += value
      expose(subject, maker, value)
    }
    for (const { subject, side, maker, quantity, filled } of account.open.values()) {
      if (side === 'buy') expose(subject, maker, worth(subject, quantity - filled))
    }
  }
  return all
}

function overCaps(tally: Tally, line: OrderLine, terms: DayTerms, priceAt: PriceAt): Violation[] {
  const { vault, subject, at, maker = 'unknown' } = line
  const caps = terms.vaults.get(vault)
  if (caps === undefined) return [{ law: 'every vault is known', detail: vault }]
  const worth = (of: string, shares: number): number => shares * (priceAt(of, at) ?? 0)
  const found: Violation[] = []
  const within = (cap: string, value: number, percent: number, of: number): void => {
    if (value > (percent * of) / 100 + 1) found.push({ law: `${cap} cap`, detail: `${vault} ${subject} at ${at}: ${value} of ${of}, ${percent}%` })
  }
  const account = tally.of(vault)
  const own = exposureOf([account], worth)
  within('position', own.subjects.get(subject) ?? 0, caps.position, own.equity)
  within('gross', own.gross, caps.gross, own.equity)
  within('net', own.gross, caps.net, own.equity)
  within('sector', own.sectors.get(SECTORS[subject] ?? 'unknown') ?? 0, caps.sector, own.equity)
  for (const one of new Set(maker.split('+'))) within('source', own.sources.get(one) ?? 0, caps.source, own.equity)
  let traded = account.traded.get(at.slice(0, 10)) ?? 0
  for (const { subject: of, quantity, filled } of account.open.values()) traded += worth(of, quantity - filled)
  within('turnover', traded, caps.turnover, own.equity)
  if (account.open.size > caps.openOrders) found.push({ law: 'open orders cap', detail: `${vault}: ${account.open.size} at ${at}` })
  const volume = terms.volumes.get(subject)
  if (volume !== undefined && Number(line.quantity) > (caps.liquidity * volume) / 100) {
    found.push({ law: 'liquidity cap', detail: `${vault} ${subject}: ${line.quantity} of ${volume} a day` })
  }
  if (terms.book !== undefined) {
    const all = exposureOf(tally.accounts.values(), worth)
    within('book position', all.subjects.get(subject) ?? 0, terms.book.position, all.equity)
    within('book gross', all.gross, terms.book.gross, all.equity)
    within('book net', all.gross, terms.book.net, all.equity)
  }
  return found
}
