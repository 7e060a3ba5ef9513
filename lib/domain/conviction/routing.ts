/**
 * The tags by which convictions are routed, `NAME:VALUE`, in the order of their names; a filter on one of them never has to read the rest.
 * - `asset`: what kind of thing the subject is: equity, crypto, or the namespace of the subject where it is neither.
 * - `direction`: up or down.
 * - `domain`: where the evidence is from that speaks for the direction, one tag each: social, filings; model for what is believed elsewhere.
 * - `horizon`: over what it is meant to hold, such as 5d.
 * - `urgency`: how soon it is worth less: high within {@link HIGH_MS} of half-life, or where it takes back what stood; low beyond {@link LOW_MS}.
 */
import { DAY_MS, HOUR_MS, type Direction, type Millis } from '#record'

const HIGH_MS = 6 * HOUR_MS
const LOW_MS = 3 * DAY_MS

const ASSETS: Readonly<Record<string, string>> = { ticker: 'equity', coin: 'crypto', token: 'crypto', wallet: 'crypto' }
const DOMAINS: Readonly<Record<string, string>> = { chatter: 'social', insider: 'filings', insider_cluster: 'filings' }

export interface Routed {
  readonly subject: string
  readonly direction: Direction
  readonly horizon: string
  readonly halfLifeMs: Millis
  /** False where it takes back what stood. */
  readonly stands: boolean
  /** Makers that speak for the direction. */
  readonly makers: readonly string[]
}

export function routingTags({ subject, direction, horizon, halfLifeMs, stands, makers }: Routed): string[] {
  const namespace = subject.slice(0, subject.indexOf(':'))
  const domains = [...new Set(makers.map((maker) => DOMAINS[maker] ?? 'model'))].sort()
  return [
    `asset:${ASSETS[namespace] ?? namespace}`, `direction:${direction}`, ...domains.map((domain) => `domain:${domain}`), `horizon:${horizon}`,
    `urgency:${!stands || halfLifeMs <= HIGH_MS ? 'high' : halfLifeMs > LOW_MS ? 'low' : 'normal'}`,
  ]
}
