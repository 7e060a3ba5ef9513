/**
 * The tags by which convictions are routed, `NAME:VALUE`, in the order of their names; a filter on one of them never has to read the rest. Records of
 * other kinds are told by the same words, as far as they say as much.
 * - `asset`: what kind of thing the subject is: equity, crypto, or the namespace of the subject where it is neither.
 * - `direction`: up or down.
 * - `domain`: where the evidence is from that speaks for the direction, one tag each: social, news, filings, market; model for what is believed
 *   elsewhere. What is no evidence is told by its subject: crypto, macro.
 * - `horizon`: over what it is meant to hold, such as 5d.
 * - `urgency`: how soon it is worth less: high within {@link HIGH_MS} of half-life, or where it takes back what stood; low beyond {@link LOW_MS}.
 */
import { DAY_MS, HOUR_MS, type Direction, type Millis, type Vanta } from '#record'
import { makerOf } from './priors.ts'

const HIGH_MS = 6 * HOUR_MS
const LOW_MS = 3 * DAY_MS

export const ROUTED_BY = ['asset', 'direction', 'domain', 'horizon', 'urgency'] as const
export type RoutedBy = (typeof ROUTED_BY)[number]

const ASSETS: Readonly<Record<string, string>> = {
  ticker: 'equity', coin: 'crypto', token: 'crypto', pair: 'crypto', wallet: 'crypto', pool: 'crypto', protocol: 'crypto',
}
/** By maker of evidence. */
const DOMAINS: Readonly<Record<string, string>> = {
  chatter: 'social', press: 'news', insider: 'filings', insider_cluster: 'filings', managers: 'filings', shorts: 'market', options: 'market', halts: 'market',
}
/** By namespace of a subject that belongs to no asset that is traded. */
const TOLD_OF: Readonly<Record<string, string>> = { series: 'macro', release: 'macro', event: 'macro' }

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

const assetOf = (subject: string): string => {
  const namespace = subject.slice(0, subject.indexOf(':'))
  return ASSETS[namespace] ?? namespace
}

/** What a record says under one of these names; nothing where it does not. A conviction's tags are what it says. */
export function routedBy(record: Vanta, name: RoutedBy): readonly string[] {
  if (record.kind === 'conviction') return record.routing_tags.flatMap((tag) => (tag.startsWith(`${name}:`) ? [tag.slice(name.length + 1)] : []))
  const subject = 'subject' in record ? record.subject : undefined
  if (name === 'asset') return subject === undefined ? [] : [assetOf(subject)]
  if (name === 'domain') return domainsOf(record, subject)
  const said = name === 'urgency' ? undefined : (record as { readonly [field: string]: unknown })[name]
  return typeof said === 'string' ? [said] : []
}

function domainsOf(record: Vanta, subject: string | undefined): readonly string[] {
  if (record.kind === 'bar' || record.kind === 'price') return subject !== undefined && assetOf(subject) === 'crypto' ? ['crypto', 'market'] : ['market']
  const domains: string[] = [], asset = subject === undefined ? undefined : assetOf(subject)
  const other = asset === 'crypto' ? asset : TOLD_OF[asset ?? '']
  if (other !== undefined) domains.push(other)
  const maker = record.kind === 'signal' || record.kind === 'belief' ? makerOf(record) : undefined
  if (maker !== undefined) domains.push(DOMAINS[maker] ?? 'model')
  return domains
}

export function routingTags({ subject, direction, horizon, halfLifeMs, stands, makers }: Routed): string[] {
  const domains = [...new Set(makers.map((maker) => DOMAINS[maker] ?? 'model'))].sort()
  return [
    `asset:${assetOf(subject)}`, `direction:${direction}`, ...domains.map((domain) => `domain:${domain}`), `horizon:${horizon}`,
    `urgency:${!stands || halfLifeMs <= HIGH_MS ? 'high' : halfLifeMs > LOW_MS ? 'low' : 'normal'}`,
  ]
}
