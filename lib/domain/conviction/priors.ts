/**
 * What is believed of each maker of evidence before any outcome has been seen. Every figure here was chosen from the
 * literature cited beside it, before any result of this system was looked at, and is not to be tuned on recorded history:
 * learning from outcomes belongs to the reliability of a maker, where it is logged and bounded.
 */
import { DAY_MS, type Belief, type Millis, type Signal } from '#record'

export interface Prior {
  readonly maker: string
  /** Types of signal that are its readings: with a subject, a polarity and a magnitude. */
  readonly readings: readonly string[]
  /** Types of raw signal that its readings are made from; they age alike. */
  readonly raw: readonly string[]
  /** One reading and one author, as the reasons call them. */
  readonly nouns: { readonly reading: string; readonly author: string }
  readonly halfLifeMs: Millis
  /** Over what the belief is meant to hold: `5d` is five sessions. */
  readonly horizon: string
  /** Log-odds that a small reading adds for each unit of magnitude x polarity. */
  readonly logOddsPerUnit: number
  /** The magnitude at which a reading says half of the most it can say, which is `logOddsPerUnit * saturation`. */
  readonly saturation: number
  /** How much of its strength a bearish reading keeps, 0 to 1. */
  readonly bearish: number
  /** Mean correlation between two voices of this maker on one subject, 0 (independent) to 1 (one voice). */
  readonly correlation: number
  /** Share of its log-odds that is taken at its word, below 1 until outcomes have been seen. */
  readonly reliability: number
}

/**
 * Posts and comments of crowds.
 * - Weak: attention of retail investors moves prices a little for days and then fades (Da, Engelberg & Gao, "In Search of
 *   Attention", Journal of Finance 66, 2011; Barber & Odean, "All That Glitters", Review of Financial Studies 21, 2008), and
 *   message boards say more of coming volume and volatility than of direction (Antweiler & Frank, Journal of Finance 59, 2004).
 * - A day of half-life: attention turns over with the trading day. Five sessions of horizon: the short side of the two weeks
 *   found for search volume.
 * - One wholly bullish post of unit magnitude (a thousand votes): 0.16 in log-odds, or 0.08 after reliability, two points of
 *   probability; the drift of Da, Engelberg & Gao, about 30 basis points over two weeks against some 5 % of weekly volatility,
 *   is worth as much.
 * - Voices are correlated by half: they read one another, so that a crowd counts as two voices at most.
 */
const CHATTER: Prior = {
  maker: 'chatter',
  readings: ['mention'],
  raw: ['post', 'comment', 'tweet', 'message', 'snapshot'],
  nouns: { reading: 'mention', author: 'author' },
  halfLifeMs: DAY_MS,
  horizon: '5d',
  logOddsPerUnit: 0.2,
  saturation: 4,
  bearish: 1,
  correlation: 0.5,
  reliability: 0.5,
}

/**
 * Open-market trades of a company's own insiders.
 * - Purchases are followed by a modest positive drift, sales say next to nothing, since they have many reasons other than
 *   bad news (Lakonishok & Lee, "Are Insider Trades Informative?", Review of Financial Studies 14, 2001).
 * - About half of the abnormal return of the first half year comes within the first month (Jeng, Metrick & Zeckhauser,
 *   "Estimating the Returns to Insider Trading", Review of Economics and Statistics 85, 2003): 30 days of half-life, 20
 *   sessions of horizon.
 * - One purchase of unit magnitude (10,000 USD): 0.2 in log-odds, 0.12 after reliability, three points of probability; of a
 *   million, six points: one to two per cent of drift in a month against some 12 % of monthly volatility.
 * - Insiders of one company share what they know, but each pays with his own money: correlation 0.3.
 */
const INSIDER: Prior = {
  maker: 'insider',
  readings: ['insider_trade'],
  raw: ['form3', 'form4', 'form5'],
  nouns: { reading: 'trade', author: 'insider' },
  halfLifeMs: 30 * DAY_MS,
  horizon: '20d',
  logOddsPerUnit: 0.25,
  saturation: 4,
  bearish: 0.2,
  correlation: 0.3,
  reliability: 0.6,
}

/**
 * Articles of the press.
 * - The tone of stories on a firm says something of its earnings and returns, most of it the next day (Tetlock, Saar-Tsechansky & Macskassy, "More
 *   Than Words", Journal of Finance 63, 2008); of a day's stories for one or two days, of a week's for longer (Heston & Sinha, "News vs. Sentiment",
 *   Financial Analysts Journal 73, 2017): two days of half-life, five sessions of horizon.
 * - One wholly bullish article: 0.05 in log-odds after reliability, little more than a point of probability: the drift found is some 10 basis points.
 * - Papers print the same story: correlation by half.
 */
const PRESS: Prior = {
  maker: 'press',
  readings: ['coverage'],
  raw: ['article'],
  nouns: { reading: 'article', author: 'paper' },
  halfLifeMs: 2 * DAY_MS,
  horizon: '5d',
  logOddsPerUnit: 0.2,
  saturation: 3,
  bearish: 1,
  correlation: 0.5,
  reliability: 0.6,
}

/**
 * Several insiders who buy within a month, beside what each trade says by itself.
 * - Clustered purchases are followed by about one percentage point more a month than lone ones (Alldredge & Blank, "Do insiders cluster trades with
 *   colleagues?", Journal of Financial Research 42, 2019): some 4 points of probability at 10 % of monthly volatility, or 0.16 in log-odds, half of
 *   it with the second insider.
 * - One voice: a cluster is one reading, and says again how large it has become.
 */
const CLUSTER: Prior = {
  maker: 'insider_cluster',
  readings: ['insider_cluster'],
  raw: [],
  nouns: { reading: 'cluster', author: 'company' },
  halfLifeMs: 30 * DAY_MS,
  horizon: '20d',
  logOddsPerUnit: 0.1,
  saturation: 2,
  bearish: 0.2,
  correlation: 1,
  reliability: 0.5,
}

/**
 * What managers of other people's money bought and sold in a quarter, as told up to 45 days after it.
 * - Copying filings does about as well as the funds themselves, before costs (Verbeek & Wang, "Better than the Original? The Relative Success of Copycat
 *   Funds", Journal of Banking and Finance 37, 2013); what they believe in most, their largest stakes, does better than that (Cohen, Polk & Silli,
 *   "Best Ideas", 2010): weak, and by the share of the portfolio.
 * - A quarter of half-life, 60 sessions of horizon. A sale may be for cash: half. They hold the same names: correlation by half.
 */
const MANAGERS: Prior = {
  maker: 'managers',
  readings: ['holding_change'],
  raw: ['form13f'],
  nouns: { reading: 'change', author: 'manager' },
  halfLifeMs: 90 * DAY_MS,
  horizon: '60d',
  logOddsPerUnit: 0.1,
  saturation: 3,
  bearish: 0.5,
  correlation: 0.5,
  reliability: 0.5,
}

/**
 * Short sales against what is usual for the ticker.
 * - Heavy shorting is followed by about 2 to 3 % less in the month at the extremes (Diether, Lee & Werner, Review of Financial Studies 22, 2009; Boehmer,
 *   Jones & Zhang, "Which Shorts Are Informed?", Journal of Finance 63, 2008, 1.2 % over 20 days): at three deviations 0.04 after reliability, a point.
 * - Much of the volume is hedging by market makers, and venues are one voice: correlation 0.8, less than half taken at its word.
 */
const SHORTS: Prior = {
  maker: 'shorts',
  readings: ['short_pressure'],
  raw: ['short_volume'],
  nouns: { reading: 'day of short sales', author: 'venue' },
  halfLifeMs: 5 * DAY_MS,
  horizon: '5d',
  logOddsPerUnit: 0.06,
  saturation: 3,
  bearish: 1,
  correlation: 0.8,
  reliability: 0.4,
}

/**
 * Who pays for options, and what for.
 * - Puts over calls that were bought to open tell the next days apart by 40 basis points, a week by 1 % (Pan & Poteshman, Review of Financial Studies 19,
 *   2006); but of public data, where who opens is not known, little of it is left, as the same paper says. Dear puts precede falls (Xing, Zhang & Zhao,
 *   Journal of Financial and Quantitative Analysis 45, 2010): weak, for days.
 * - Sweep, block and unusual volume often are one trade: correlation 0.8.
 */
const OPTIONS: Prior = {
  maker: 'options',
  readings: ['option_flow', 'option_tilt'],
  raw: ['sweep', 'flow_alert', 'unusual_volume', 'put_call', 'skew'],
  nouns: { reading: 'flow of options', author: 'desk' },
  halfLifeMs: 2 * DAY_MS,
  horizon: '5d',
  logOddsPerUnit: 0.08,
  saturation: 3,
  bearish: 1,
  correlation: 0.8,
  reliability: 0.4,
}

/**
 * Securities that a regulator stops: the price falls at once by more than a tenth, and what resumes drifts on down (Howe & Schlarbaum, "SEC Trading
 * Suspensions", Journal of Financial and Quantitative Analysis 21, 1986). Halts for news or volatility are said with polarity 0, which is no evidence.
 */
const HALTS: Prior = {
  maker: 'halts',
  readings: ['trading_halt'],
  raw: ['halt'],
  nouns: { reading: 'halt', author: 'exchange' },
  halfLifeMs: 20 * DAY_MS,
  horizon: '20d',
  logOddsPerUnit: 0.4,
  saturation: 2,
  bearish: 1,
  correlation: 1,
  reliability: 0.5,
}

export const PRIORS: readonly Prior[] = [CHATTER, PRESS, INSIDER, CLUSTER, MANAGERS, SHORTS, OPTIONS, HALTS]

/** Readings that are evidence for no maker, and why: they are logged, and may be learned from. */
export const NO_EVIDENCE: { readonly [type: string]: string } = {
  dark_print: 'has no direction; what is not informed goes to dark pools (Zhu, Review of Financial Studies 27, 2014)',
  dark_tilt: 'has no direction',
  member_trade: 'members of congress did no better than others from 2012 on (Belmont et al., Journal of Public Economics 207, 2022)',
  exchange_flow: 'no published test over days that we would stand by',
  supply_change: 'issues of Tether did not move Bitcoin (Wei, Economics Letters 171, 2018), or did (Griffin & Shams, Journal of Finance 75, 2020)',
  funding_pressure: 'follows past returns (He, Manela, Ross & von Wachter, Fundamentals of Perpetual Futures, 2022) and is not known to lead them',
  book_pressure: 'gone within minutes (Cont, Kukanov & Stoikov, Journal of Financial Econometrics 12, 2014): no horizon of days',
  macro_surprise: 'the same surprise is good news in recession and bad in a boom (Boyd, Hu & Jagannathan, Journal of Finance 60, 2005)',
  market_event: 'has no direction',
}

/** How loud a reading is taken to be where its magnitude is not known: that of a middling one. */
export const UNSTATED_MAGNITUDE = 0.5

/** Of what no maker here knows: a day of half-life, and half taken at its word. */
export const UNKNOWN_HALF_LIFE_MS = DAY_MS
export const UNKNOWN_RELIABILITY = 0.5

/**
 * The chance that a stock rises over a horizon, before any evidence. Even: just under half of all monthly returns of US
 * stocks beat the Treasury bill, just over half are above zero (Bessembinder, Journal of Financial Economics 129, 2018).
 */
export const BASE_RATE = 0.5

const byReading = new Map(PRIORS.flatMap((prior) => prior.readings.map((type) => [type, prior] as const)))
const byType = new Map(PRIORS.flatMap((prior) => [...prior.readings, ...prior.raw].map((type) => [type, prior] as const)))
const byMaker = new Map(PRIORS.map((prior) => [prior.maker, prior] as const))

/** The maker whose readings have this type of signal; undefined where the signal is evidence for none. */
export const priorOfReading = (type: string): Prior | undefined => byReading.get(type)
export const priorOfMaker = (maker: string): Prior | undefined => byMaker.get(maker)

/** Whose reading a signal is, or is made into; of a belief, who made it. */
export const makerOf = (record: Signal | Belief): string | undefined => (record.kind === 'signal' ? byType.get(record.type)?.maker : record.maker)

/** How long a signal or belief takes to lose half its weight before anything was learned, by its type or maker. */
export function halfLifeOf(record: Signal | Belief): Millis {
  const prior = record.kind === 'signal' ? byType.get(record.type) : byMaker.get(record.maker)
  return prior?.halfLifeMs ?? UNKNOWN_HALF_LIFE_MS
}
