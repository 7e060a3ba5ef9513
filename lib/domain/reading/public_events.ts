/** What befalls a whole market or one security by decree or date: figures of an economy, what is on the calendar, halts; and what members of congress trade. */
import type { Signal } from '#record'
import { NOTHING, numberIn, textIn, leaning, type Finding } from './finding.ts'
import { tradeMagnitude } from './insider_trade.ts'
import type { Scales } from './scales.ts'

const COUNTRIES: Readonly<Record<string, string>> = { USD: 'US', EUR: 'EU', GBP: 'GB', JPY: 'JP', CAD: 'CA', AUD: 'AU', NZD: 'NZ', CHF: 'CH', CNY: 'CN' }
const REGION = /^event:([^/]+)\//
/** More is better for business, and more is worse; of other figures no side is taken. */
const GOOD = patternOf(`payrolls?, gdp, gross domestic product, pmi, retail sales, industrial production, durable goods, housing starts, building permits,
  home sales, consumer confidence, consumer sentiment, factory orders, personal income, personal spending, employment change`)
const BAD = patternOf(`cpi, consumer price, ppi, producer price, pce, unemployment, jobless, claims, job cuts, inflation, interest rate decision, prices paid,
  hourly earnings`)
/** How far the side alone is trusted. */
const SIDE_ALONE = 0.3
const IMPACT: Readonly<Record<string, number>> = { high: 1, medium: 0.5, low: 0.25 }

function patternOf(list: string): RegExp {
  return new RegExp(`\\b(?:${list.split(',').map((term) => term.trim()).join('|')})\\b`, 'i')
}

/** A figure that is out, as its surprise against that figure's own past surprises; one that is still to come, as a date for its market. */
export function marketEvent(signal: Signal, scales: Scales): readonly Finding[] {
  const region = REGION.exec(signal.subject ?? '')?.[1], title = textIn(signal, 'title')
  if (region === undefined || title === undefined) return NOTHING
  const subject = `market:${COUNTRIES[region] ?? region}`
  const impact = textIn(signal, 'impact'), surprise = numberIn(signal, 'surprise')
  if (surprise === undefined) {
    if (textIn(signal, 'actual') !== undefined) return NOTHING
    const magnitude = impact === undefined ? undefined : IMPACT[impact]
    return magnitude === undefined ? NOTHING : [{ type: 'market_event', subject, polarity: 0, magnitude, facts: { title, impact } }]
  }
  const off = scales.surprise(`${region} ${title}`, surprise)
  const side = BAD.test(title) ? -1 : GOOD.test(title) ? 1 : 0
  // Of what has no past yet only the side is known.
  if (off === undefined) {
    const polarity = side * Math.sign(surprise) * SIDE_ALONE
    return polarity === 0 ? NOTHING : [{ type: 'macro_surprise', subject, polarity, facts: { title, surprise } }]
  }
  return off === 0 ? NOTHING : [{ type: 'macro_surprise', subject, polarity: leaning(side * off), magnitude: Math.abs(off), facts: { title, surprise } }]
}

/** Suspended, asked for an explanation or struck off; other halts may end either way. Codes: https://www.nasdaqtrader.com/Trader.aspx?id=TradeHaltCodes */
const ILL = new Set(['H4', 'H9', 'H10', 'H11', 'T12', 'D'])

export function haltOf(signal: Signal): readonly Finding[] {
  const code = textIn(signal, 'reason_code')
  if (signal.subject === undefined) return NOTHING
  const polarity = code !== undefined && ILL.has(code) ? -1 : 0
  return [{ type: 'trading_halt', subject: signal.subject, polarity, magnitude: 1, ...(code !== undefined && { facts: { code } }) }]
}

/** Purchases and sales of listed securities by members of congress and theirs; as loud as the middle of the range that they state. */
export function memberTrade(signal: Signal): readonly Finding[] {
  const trade = textIn(signal, 'transaction')?.toLowerCase() ?? '', { subject, author } = signal
  const polarity = trade.startsWith('purchase') ? 1 : trade.startsWith('sale') ? -1 : 0
  if (polarity === 0 || subject === undefined) return NOTHING
  const least = numberIn(signal, 'amount_min'), most = numberIn(signal, 'amount_max')
  const member = textIn(signal, 'member')
  return [{
    type: 'member_trade', subject, polarity, author, magnitude: least === undefined ? undefined : tradeMagnitude((least + (most ?? least)) / 2),
    ...(member !== undefined && { entities: [`person:${member}`] }), facts: { transaction: trade },
  }]
}
