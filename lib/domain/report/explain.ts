/** One conviction in words that anyone can read, each clause with the record it rests on. */
import { addsUp, formatInstant, millisOf, SECOND_MS, sumOfReasons, logistic, type Conviction, type Reason, type Vanta } from '#record'
import { RISK_TERM } from '../conviction/gate.ts'

/** Pieces of evidence named of one reason. */
const NAMED = 4
const WORDS_MOST = 90

/** `evidence` are the records behind it, by id; what is not there is said to be missing. */
export function explained(conviction: Conviction, evidence: ReadonlyMap<string, Vanta>): string[] {
  const { subject, direction, conviction_score: score, log_odds: logOdds, horizon, at, ttl, id } = conviction
  const until = formatInstant(millisOf(at) + ttl * SECOND_MS)
  const way = direction === 'up' ? 'rise' : 'fall'
  const lines = [
    `${subject} is expected to ${way} over ${horizon} with a probability of ${percent(score)} [${short(id)}, said ${moment(at)}].`,
    ttl === 0 ? 'It has been taken back: it no longer stands.' : `It stands until ${moment(until)} unless it is said again.`,
    `In log-odds that is ${signed(logOdds)}, the sum of what follows:`,
  ]
  for (const reason of conviction.reason_vector) {
    lines.push(`  ${signed(reason.log_odds)}  ${toward(reason, direction)}`)
    const named = reason.evidence.slice(0, NAMED)
    for (const one of named) lines.push(`           ${cited(one, evidence.get(one), evidence)}`)
    if (reason.evidence.length > NAMED) lines.push(`           and ${reason.evidence.length - NAMED} more`)
  }
  const sum = sumOfReasons(conviction)
  lines.push(addsUp(conviction) ? `  ${signed(sum)}  in all: 1 / (1 + e^-${Math.abs(logOdds).toFixed(3)}) = ${percent(logistic(logOdds))}`
    : `  ${signed(sum)}  in all, which is NOT the ${signed(logOdds)} that it states`)
  const personas = Object.entries(conviction.persona_overrides ?? {})
  const said = personas.map(([name, { conviction_score: theirs }]) => `${name} ${percent(theirs)}`)
  if (said.length > 0) lines.push(`A vault that has taken on a persona acts on that one's: ${said.join(', ')}.`)
  return lines
}

function toward({ term, log_odds: part }: Reason, direction: Conviction['direction']): string {
  if (term.startsWith(RISK_TERM)) return `${term}: holds it back`
  if (part === 0) return `${term}: says nothing either way`
  return `${term}: speaks for ${part > 0 === (direction === 'up') ? 'a rise' : 'a fall'}`
}

/** A record as one would refer to it: what it says, whose it is, when it was known; of a reading, the text it was read in. */
function cited(id: string, record: Vanta | undefined, evidence: ReadonlyMap<string, Vanta>): string {
  if (record === undefined) return `[${short(id)}] is not at hand`
  const known = `${record.source}, known ${moment(record.known_at)}`
  if (record.kind !== 'signal') return `[${short(id)}] ${record.kind}${'maker' in record ? ` of ${record.maker}` : ''}, ${known}`
  const parents = record.parents.map((parent) => evidence.get(parent))
  const said = wordsOf(record) ?? parents.map((parent) => (parent?.kind === 'signal' ? wordsOf(parent) : undefined)).find((words) => words !== undefined)
  const leaning = record.polarity === undefined || record.polarity === 0 ? '' : record.polarity > 0 ? ', bullish' : ', bearish'
  const whose = record.author === undefined ? '' : ` by ${record.author}`
  const doubt = record.swarm === undefined || record.swarm < 0.05 ? '' : `; ${percent(record.swarm)} likely part of a swarm`
  return `[${short(id)}] ${record.type}${whose}${leaning}, ${known}${doubt}${said === undefined ? '' : `: "${said}"`}`
}

function wordsOf({ facts }: Extract<Vanta, { kind: 'signal' }>): string | undefined {
  const { title, text, value_usd: value, code } = facts ?? {}
  if (typeof value === 'string') return `${code === 'S' ? 'sold' : 'bought'} for ${value} USD`
  const words = [title, text].find((part) => typeof part === 'string' && part.trim() !== '')
  if (typeof words !== 'string') return undefined
  const plain = words.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]+/g, ' ').trim()
  return plain.length > WORDS_MOST ? `${plain.slice(0, WORDS_MOST - 3)}...` : plain
}

const short = (id: string): string => id.slice(0, 8)
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const signed = (value: number): string => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(3)}`
const moment = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`
