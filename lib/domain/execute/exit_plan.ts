/** How and when a position is to be left: the levels of its stops, its conviction's end, how far away each is, and the reason in words. */
import { plainText, ungrounded } from '../report/grounded.ts'
import { formatInstant, make, type ExitPlan, type Millis } from '#record'
import type { Book } from './book.ts'
import { knownPrice, type Marks } from './desk.ts'
import { coolingUntil, levelsOf } from './stops.ts'
import { formatFixed, ONE, roundPlaces } from '../money/decimal.ts'
import { formatCents, proceedsCents, type Fixed } from '../money/money.ts'
import type { Vault } from '../vault/vault.ts'

/** The conviction that a position stands on. */
export interface Standing {
  readonly id: string
  readonly score: number
  readonly direction: string
  readonly expiresAt: string
}

/** Distance from the mark to a level, in percent of the mark (two places), and what falling there would cost. */
function distance(level: Fixed, mark: Fixed | undefined, quantity: Fixed): { percent?: string; money?: string } {
  if (mark === undefined) return {}
  const percent = roundPlaces(((mark - level) * 100n * ONE) / mark, 2)
  return { percent: formatFixed(percent), money: formatCents(proceedsCents(quantity, mark) - proceedsCents(quantity, level)) }
}

export function exitPlan(book: Book, subject: string, vault: Vault, marks: Marks, standing: Standing | undefined, nowMs: Millis, by: string): ExitPlan {
  const quantity = book.ledger.quantity(subject), mark = knownPrice(marks, subject, nowMs)
  const levels = levelsOf(book, subject, vault.stops)
  const held = book.watch.holdings.get(subject)
  const rules: ExitPlan['rules'][number][] = []
  for (const rule of ['loss', 'trailing'] as const) {
    const level = levels?.[rule]
    if (level !== undefined) rules.push({ rule, level: formatFixed(level), ...distance(level, mark, quantity) })
  }
  if (levels?.timeMs !== undefined) rules.push({ rule: 'time', at: formatInstant(levels.timeMs) })
  if (standing !== undefined) rules.push({ rule: 'conviction', at: standing.expiresAt })
  const cooling = coolingUntil(book, subject, nowMs)
  const now = formatInstant(nowMs)
  const draft = {
    parents: [...(held === undefined ? [] : [held.fillId]), ...(standing === undefined ? [] : [standing.id])],
    at: now, known_at: now, source: `exit/${book.vault}`, by,
    vault: book.vault, subject, quantity: formatFixed(quantity), entry: formatFixed(levels?.entry ?? 0n), rules,
    ...(mark !== undefined && { mark: formatFixed(mark), value: formatCents(proceedsCents(quantity, mark)) }),
    ...(held !== undefined && { since: held.since }), leaving: book.exits.has(subject), open_orders: book.openIn(subject).length,
    ...(cooling !== undefined && { cooldown_until: cooling }),
  }
  return make('exit_plan', { ...draft, rationale: rationale(draft, standing), written_by: 'template' })
}

type Draft = Pick<ExitPlan, 'vault' | 'subject' | 'quantity' | 'entry' | 'mark' | 'rules' | 'leaving'>

function rationale({ vault, subject, quantity, entry, mark, rules, leaving }: Draft, standing: Standing | undefined): string {
  const priced = mark === undefined ? '; no price is known' : `, now at ${mark}`
  const said = [`Vault ${vault} holds ${quantity} of ${subject}, bought at ${entry} on average${priced}.`]
  if (leaving) said.push('It is being left already.')
  if (standing === undefined) said.push('No conviction stands behind it.')
  for (const { rule, level, at, percent, money } of rules) {
    const away = percent === undefined ? '' : `, ${percent} % away, at a cost of ${money ?? ''}`
    if (rule === 'conviction') {
      said.push(`Its conviction (${standing?.direction ?? ''}, ${standing?.score ?? ''}) ends at ${at ?? ''} unless restated; then it is left.`)
    } else if (rule === 'time') said.push(`It is left by time at ${at ?? ''}.`)
    else said.push(`It is left at ${level ?? ''} or below (${rule} stop${away}).`)
  }
  if (rules.length === 0) said.push('Only the vault can decide to leave it: it has no stop.')
  return said.join(' ')
}

/** Longest text that a model may put in place of ours. */
const TEXT_MAX = 2000

/** Another wording of the rationale, if it is one: bounded, plain, and without a number or name that the plan does not have. */
export function reworded(plan: ExitPlan, text: string): ExitPlan | undefined {
  const plain = plainText(text, TEXT_MAX)
  if (plain === undefined || ungrounded(plain, `${plan.rationale} ${plan.subject} ${plan.vault}`) !== undefined) return undefined
  const { id: _id, kind: _kind, ...said } = plan
  return make('exit_plan', { ...said, rationale: plain, written_by: 'model' })
}
