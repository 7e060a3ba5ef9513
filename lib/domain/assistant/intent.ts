/** What a question asks for: a topic and what it is of. Only the words of who asks are read, never those of a record. */
import { DAY_MS, formatInstant, parseMoment, type Millis } from '#record'
import { readText } from '../reading/mention.ts'
import { proofOf } from '../reading/symbols.ts'

export const TOPICS = [
  'record', 'switch', 'feeds', 'failures', 'traded', 'said', 'conviction', 'holdings', 'performance', 'changes', 'search',
] as const
export type Topic = (typeof TOPICS)[number]

export interface Intent {
  readonly topic: Topic
  readonly subject?: string
  readonly vault?: string
  /** Whose words: the beginning of a record's `source`. */
  readonly source?: string
  readonly side?: 'buy' | 'sell'
  readonly id?: string
  /** Both included. */
  readonly from?: string
  readonly to?: string
  /** The words themselves, of a search. */
  readonly words?: string
}

export interface Asked {
  /** Days such as `yesterday` are counted from it. */
  readonly nowMs: Millis
  /** Names that count as a vault's. */
  readonly vaults: readonly string[]
  /** What was asked before. */
  readonly before?: Intent | undefined
}

/** By what words a topic is known, the first that fits. */
const WORDS: readonly (readonly [Topic, RegExp])[] = [
  ['switch', /\bkill\b|\bhalt|\bmaintenance\b|orders? (are |were )?(disabled|stopped)/],
  ['feeds', /\bfeeds?\b|\bsilent\b|\bmute\b|\bcollectors?\b/],
  ['failures', /\bfail|\berrors?\b|\bwrong\b|\breject|\brefus|\btroubles?\b|\bproblems?\b/],
  ['traded', /\b(buy|bought|sell|sold|trade[ds]?|enter(ed)?|exit(ed)?|fills?)\b|\bwhy\b.*\bhold\b/],
  ['said', /\b(say|says|said|talk(s|ed)?|wrote|posts?|posted|mention(s|ed)?)\b/],
  ['conviction', /\bconvictions?\b|\bbeliefs?\b|\bbelieve|\bthink\b|\bexpect|\bprobab/],
  ['holdings', /\bhold|\bheld\b|\bown\b|\bpositions?\b|\bportfolio\b/],
  ['performance', /\bhow (did|is|was|does|do|are)\b|\bperform|\bprofit|\bloss|\bp&l\b|\bpnl\b|\breturns?\b|\bequity\b|\bearn|\blos[et]\b|\bma[dk]e\b|\bcash\b/],
  ['changes', /\bchange|\bhappened\b|\bnews?\b|\bsince\b/],
]
/** Names in questions of what records call their source. */
const SOURCES = [
  'reddit', 'sec', 'twitter', 'telegram', 'discord', 'substack', 'news', 'fred', 'darkpool', 'darknet', 'options', 'whales', 'crypto', 'calendar',
]
const FOLLOWS = /^(and|what about|how about|the same|same)\b/
const ID = /\b(?=[0-9a-f]*\d)[0-9a-f]{8,40}\b/
const DATE = /\b\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?/g
const SUBJECT = /\b[a-z][a-z0-9_]*:[A-Za-z0-9][^\s?,;]*/

/** What is asked; undefined where it goes on from a question that was not asked. */
export function intentOf(question: string, asked: Asked): Intent | undefined {
  const low = question.toLowerCase().trim(), follows = FOLLOWS.test(low)
  const own = WORDS.find(([, words]) => words.test(low))?.[0]
  const id = ID.exec(low)?.[0], subject = subjectIn(question), before = follows ? asked.before : undefined
  if (follows && own === undefined && before === undefined) return undefined
  const of = {
    ...(subject !== undefined && { subject }),
    ...oneOf('vault', asked.vaults.find((name) => wordIn(low, name.toLowerCase())) ?? /\bvault ([a-z0-9_-]+)/.exec(low)?.[1]),
    ...oneOf('source', SOURCES.find((name) => wordIn(low, name))),
    ...sideOf(low), ...spanOf(question, asked, before),
  }
  if (id !== undefined && (own === undefined || /\brecord\b/.test(low))) return { topic: 'record', id }
  if (before !== undefined && (own === undefined || own === before.topic)) return { ...before, ...of }
  if (own !== undefined) return { topic: own, ...of }
  return { topic: 'search', ...of, words: question }
}

const oneOf = <K extends string>(name: K, value: string | undefined): { [key in K]?: string } =>
  (value === undefined ? {} : { [name]: value } as { [key in K]?: string })

const wordIn = (text: string, word: string): boolean => text.split(/[^a-z0-9_-]+/).includes(word)

function sideOf(low: string): { side?: 'buy' | 'sell' } {
  const buys = /\b(buy|bought|enter(ed)?)\b/.test(low), sells = /\b(sell|sold|exit(ed)?)\b/.test(low)
  return buys === sells ? {} : { side: buys ? 'buy' : 'sell' }
}

/** `ticker:GME`, `$GME`, GME, or the name of the company. */
function subjectIn(question: string): string | undefined {
  const whole = SUBJECT.exec(question)?.[0]
  if (whole !== undefined) return whole
  const cashtag = /\$([A-Za-z][A-Za-z.]{0,5})\b/.exec(question)?.[1]
  if (cashtag !== undefined) return `ticker:${cashtag.toUpperCase()}`
  // Reddit is listed itself, but who asks what Reddit says does not mean its shares.
  const named = readText({ title: question.replace(/[A-Za-z]+/g, (word) => (SOURCES.includes(word.toLowerCase()) ? '' : word)) }).mentions[0]?.subject
  if (named !== undefined) return named
  const words = question.match(/\b[A-Z][A-Z.]*\b/g) ?? []
  const symbol = words.find((word) => word !== 'I' && proofOf(word) !== undefined)
  return symbol === undefined ? undefined : `ticker:${symbol}`
}

interface Span {
  readonly from?: string
  readonly to?: string
}

const dayMsOf = (ms: Millis): Millis => Math.floor(ms / DAY_MS) * DAY_MS
const days = (fromMs: Millis, count: number): Span => ({ from: formatInstant(fromMs), to: formatInstant(fromMs + count * DAY_MS - 1) })

function spanOf(question: string, { nowMs }: Asked, before: Intent | undefined): Span {
  const low = question.toLowerCase(), todayMs = dayMsOf(nowMs)
  const moments = (question.match(DATE) ?? []).flatMap((text) => {
    const ms = parseMoment(text)
    return ms === undefined ? [] : [{ ms, whole: text.length === 10 }]
  })
  const [first, second] = moments
  if (first !== undefined) {
    const endMs = ({ ms, whole }: { ms: Millis; whole: boolean }): Millis => (whole ? ms + DAY_MS - 1 : ms)
    if (second !== undefined) return { from: formatInstant(first.ms), to: formatInstant(endMs(second)) }
    if (/\bday before\b/.test(low)) return days(dayMsOf(first.ms) - DAY_MS, 1)
    if (/\bday after\b/.test(low)) return days(dayMsOf(first.ms) + DAY_MS, 1)
    if (/\bafter\b/.test(low)) return { from: formatInstant(endMs(first) + 1) }
    if (/\b(since|from)\b/.test(low)) return { from: formatInstant(first.ms) }
    if (/\bbefore\b/.test(low)) return { to: formatInstant(first.ms - 1) }
    if (/\b(until|up to)\b/.test(low)) return { to: formatInstant(endMs(first)) }
    return { from: formatInstant(first.ms), to: formatInstant(endMs(first)) }
  }
  const beforeMs = before?.from === undefined ? undefined : parseMoment(before.from)
  if (/\bday before\b|\bprevious day\b/.test(low)) return days(dayMsOf(beforeMs ?? todayMs) - DAY_MS, 1)
  if (/\bday after\b|\bnext day\b/.test(low)) return days(dayMsOf(beforeMs ?? todayMs) + DAY_MS, 1)
  if (/\byesterday\b/.test(low)) return days(todayMs - DAY_MS, 1)
  if (/\btoday\b/.test(low)) return days(todayMs, 1)
  if (/\bweek\b/.test(low)) return days(todayMs - 6 * DAY_MS, 7)
  return {}
}
