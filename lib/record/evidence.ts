/** Kinds of what was heard, and of what was made of it: signals, prices, beliefs, convictions and what became of them. */
import { instant, integer, list, literal, members, number, object, oneOf, optional, text, truth } from './shape.ts'
import { basis, decimal, direction, envelope, id, subject } from './terms.ts'

/** One addend of a log-odds sum, with the records it rests on. */
const reason = object({
  term: text,
  log_odds: number(),
  evidence: list(id),
})

/** What tools note on a signal or belief as it passes; not part of what it says, so not of its id. */
export const notes = {
  weight: optional(number(0)),
  half_life: optional(text),
  weighted_at: optional(instant),
  rank: optional(integer(1)),
  rank_score: optional(number()),
  reason_vector: optional(list(reason)),
  /** When it happened by a clock set right, and by how much it came too late to stand in its place. */
  aligned_at: optional(instant),
  late_ms: optional(integer(1)),
  /** Probability that it is part of a swarm: authors that act as one, programs. And why. */
  swarm: optional(number(0, 1)),
  swarm_reasons: optional(list(text)),
}

/** One mention of a subject in a text: polarity from -1 (bearish) to 1 (bullish), and how it was recognised. */
const mention = object({
  subject,
  polarity: number(-1, 1),
  how: text,
})

/** A fact from outside (`post`, `snapshot`, `form4`, `purchase` ...), or one normalised reading of it (`mention`). */
export const signal = object({
  kind: literal('signal'),
  ...envelope,
  type: text,
  /** The source's own name for it, stable over time: a post's later snapshots and mentions share its key. */
  key: text,
  subject: optional(subject),
  author: optional(text),
  mentions: optional(list(mention)),
  polarity: optional(number(-1, 1)),
  /** How loud it is: unitless, 0 and up, comparable within one `type` and source. */
  magnitude: optional(number(0)),
  /** ISO 639-1. */
  language: optional(text),
  /** What else it speaks of, as subjects: `coin:BTC`, `pair:BTC/USDT`, `wallet:ethereum:0x..`, `cusip:..`, `cik:..`, `author:twitter:someone`. */
  entities: optional(list(subject)),
  /** Hash of the normalised text; equal for re-posts. */
  fingerprint: optional(text),
  facts: optional(members),
  ...notes,
})

/** Open, high, low, close and volume over `span` from `at`; known at its end. */
export const bar = object({
  kind: literal('bar'),
  ...envelope,
  subject,
  span: text,
  open: decimal, high: decimal, low: decimal, close: decimal, volume: decimal,
  /** Mean price of the span, weighted by volume, and the number of trades in it. */
  vwap: optional(decimal), trades: optional(integer(0)),
  basis,
})

/** One tradable price at one moment, such as the opening print of a bar. */
export const price = object({
  kind: literal('price'),
  ...envelope,
  subject,
  type: oneOf('open', 'close', 'last'),
  price: decimal,
  /** Shares that traded over the previous span of the same length: what is known about liquidity at `at`. */
  prior_volume: optional(decimal),
  span: text,
  basis,
})

/** What one maker (a family of evidence, a model) believes of one subject. */
export const belief = object({
  kind: literal('belief'),
  ...envelope,
  subject,
  maker: text,
  direction,
  log_odds: number(),
  horizon: text,
  /** Where a model said it: its own probability of a rise, how uncertain that is (a standard error), and which model it was. */
  p_up: optional(number(0, 1)),
  uncertainty: optional(number(0)),
  model: optional(text),
  ...notes,
})

/** Two things that have to do with one another: `from` is the insider of, the same as, the owner of ... `to`. Said again where the probability changed. */
export const link = object({
  kind: literal('link'),
  ...envelope,
  from: subject,
  to: subject,
  relation: text,
  probability: number(0, 1),
  /** In words, from what it was concluded. */
  reason: text,
})

/** What a persona would say: tilts, which added to the conviction's log-odds give its own; of the same direction, below zero where it takes the other. */
const override = object({
  log_odds: number(),
  conviction_score: number(0, 1),
  tilts: list(object({ term: text, log_odds: number() })),
})

/** The calibrated probability that `direction` holds over `horizon`, as an exact sum of reasons in log-odds. */
export const conviction = object({
  kind: literal('conviction'),
  ...envelope,
  /** The signal that weighs most among those behind it. */
  signal_id: id,
  subject,
  direction,
  conviction_score: number(0, 1),
  log_odds: number(),
  /** Terms whose `log_odds` add up to the conviction's, evidence named. */
  reason_vector: list(reason),
  contributing_models: list(text),
  /** The conviction is of no persona; whoever has taken one on acts on what that one says. */
  persona_overrides: optional(object({
    athena: optional(override), apollo: optional(override), ares: optional(override), nemesis: optional(override),
  })),
  horizon: text,
  /** Seconds it stands after `at`, unless restated; 0 takes back an earlier one. */
  ttl: integer(0),
  /** `NAME:VALUE`: asset, direction, domain, horizon, urgency (lib/domain/conviction/routing.ts). */
  routing_tags: list(text),
  rank: optional(integer(1)),
  rank_score: optional(number()),
})

/** The convictions that stand at one moment, best first; said when the order changes. Its parents are the convictions. */
export const ranking = object({
  kind: literal('ranking'),
  ...envelope,
  ranked: list(object({ subject, conviction: id, direction, rank_score: number() })),
})

/**
 * What became of a conviction over a horizon: entered at the first open after it was known, left at a close. Its parents are the conviction and the bar
 * of that close.
 */
export const outcome = object({
  kind: literal('outcome'),
  ...envelope,
  subject,
  direction,
  /** `5d`: five sessions. */
  horizon: text,
  /** Exit over entry, less one. */
  move: number(),
  hit: truth,
  conviction_score: number(0, 1),
  /** `55-60`: what the conviction score was, in percent. */
  band: text,
  /** The open it was entered at; outcomes of one subject that were entered within one horizon overlap. */
  entered_at: instant,
  rank: optional(integer(1)),
  /** Log-odds of a rise by base rate and evidence alone: what calibration is fitted to. */
  uncalibrated: optional(number()),
  /** Who had a part in it, such as `model:chatter` or `source:reddit/wallstreetbets`: log-odds of a rise that each lent. */
  voices: list(object({ who: text, rise: number() })),
  mode: oneOf('live', 'shadow'),
})
