/**
 * How bullish or bearish words are: a small lexicon of finance and forum slang of our own. Figures of speech are few and plain
 * on purpose; models that learn them belong elsewhere.
 */

/** Words and pairs of words by weight: about 1 for a plain opinion, 2 for an emphatic one; a pair that weighs 0 says nothing. */
const WEIGHTS: readonly (readonly [number, string])[] = [
  [2, 'bullish, free money, short squeeze, gamma squeeze'],
  [1.5, `
    moon, mooning, moons, undervalued, skyrocket, skyrocketing, soar, soaring, soared, diamond hands, infinity squeeze`],
  [1.2, `
    rocket, rockets, rocketing, tendies, squeeze, squeezing, breakout, rally, rallies, rallying, surge, surging, surged,
    jump, jumped, to valhalla`],
  [1, `
    calls, buy, buying, gain, gains, gainz, upgrade, upgraded, outperform, hodl, bull run, rip higher, all in, leaps, call
    option, easy money, buy the, go up, going up, goes up, went up, loading up, load up, price target raised, beats, short
    interest, sell puts, selling puts, sold puts`],
  [0.8, `
    bull, bulls, beat, profit, profits, profitable, winner, winning, win, printing, prints, green, higher, long, longs,
    bought, breaking out, holding strong`],
  [0.6, `
    hold, holding, growth, growing, strong, stronger, opportunity, confident, cheap, discount, love, best, great, yolo,
    rich, explode, exploding, good, nice, excited, happy, upside, recover, recovery, record, approval, approved,
    partnership, rebound, potential, support`],
  [0.3, 'up, call, dip, add, adding, added, huge, future, easy'],
  [0, `
    put it, put in, put on, put together, call it, call me, so long, long time, how long, as long, long term, short term,
    good luck, what up, come up, end up, ended up, sign up, signed up, wake up, woke up, made up, make up, give up, gave
    up, set up, hold up, shut up, grow up, bear with, short sellers, sit down, no short, short position, short positions`],
  [-0.3, 'put, late, wait, hope, red flag'],
  [-0.5, `
    down, lower, bags, bag, fear, risky, sold, worried, worry, concern, concerns, correction, resistance, expensive,
    dropped, falls, hurt, hurts`],
  [-0.7, `
    short, shorting, red, weak, weaker, bad, sell, selling, bear, bears, drop, dropping, drops, fall, falling, fell, miss,
    missed, decline, declining, declined, panic, recession, losing, lose, lawsuit, warning, downside, sad, poor, paper
    hands, margin call, debt, hate, ugly, trouble`],
  [-1, `
    puts, loss, losses, lost, dump, dumping, dumped, downgrade, downgraded, underperform, bagholder, bagholders, bag
    holder, bag holders, bagholding, bubble, overpriced, terrible, horrible, worst, go down, going down, goes down, went
    down, rekt, garbage, put option, sell off, selloff, trap, dead`],
  [-1.3, `
    tank, tanking, tanked, tanks, drill, drilling, drills, crash, crashing, crashed, plunge, plunging, plunged, plummet,
    plummeting, guh, worthless, collapse, collapsing, collapsed, fucked, screwed, rug pull, dilution`],
  [-1.5, `
    overvalued, fraud, scam, ponzi, bankrupt, bankruptcy, delisted, delisting, fraudulent, buy puts, buying puts, bought
    puts, puts on, sell calls`],
  [-2, 'bearish, to zero, gay bear, gay bears'],
]
const EMOJI_WEIGHTS: readonly (readonly [number, string])[] = [
  [1, '🚀 🐂 📈'],
  [0.8, '🌙 🌕 🤑'],
  [0.6, '🌝 💎 💰 🥳 🎉'],
  [0.5, '🔥 💪'],
  [0.4, '🙌 🎯'],
  [0.3, '🤞'],
  [0.2, '💸'],
  [-0.5, '😭'],
  [-0.6, '😡'],
  [-0.7, '🤡 💀'],
  [-0.8, '🐻 💩 🤮'],
  [-1, '📉'],
]

const termsOf = (list: string): string[] => list.split(',').map((term) => term.trim().replace(/\s+/g, ' '))
const LEXICON = new Map(WEIGHTS.flatMap(([weight, list]) => termsOf(list).map((term) => [term, weight] as const)))
const EMOJI = new Map(EMOJI_WEIGHTS.flatMap(([weight, list]) => list.split(' ').map((emoji) => [emoji, weight] as const)))
/** First words of the pairs. */
const LEADS = new Set([...LEXICON.keys()].filter((term) => term.includes(' ')).map((term) => term.slice(0, term.indexOf(' '))))

const NEGATIONS: ReadonlySet<string> = new Set(termsOf(`not, no, never, none, nobody, nothing, without, cannot, cant, dont,
  doesnt, didnt, isnt, arent, wasnt, werent, wont, wouldnt, shouldnt, hardly, barely, aint`))
const DEGREES: ReadonlyMap<string, number> = new Map([
  ...termsOf(`very, really, extremely, super, insanely, fucking, massive, massively, hugely, absolutely, totally, definitely,
    mega, crazy, strongly, so`).map((word) => [word, 1.4] as const),
  ...termsOf('slightly, somewhat, little, bit, kinda, maybe, possibly, might').map((word) => [word, 0.6] as const),
])
/** An option by its strike: 50c, $120C, 30p. */
const STRIKE = /^\$?\d+(?:\.\d+)?(c|p)$/
const STRIKE_WEIGHT = 0.7

/** Weight of a word or of a pair of words; undefined where the lexicon does not know it. */
export const weightOfWord = (lower: string): number | undefined => LEXICON.get(lower)
export const weightOfEmoji = (emoji: string): number | undefined => EMOJI.get(emoji)
/** Whether a pair in the lexicon starts with this word. */
export const leadsPair = (lower: string): boolean => LEADS.has(lower)
export const isNegation = (lower: string): boolean => NEGATIONS.has(lower) || lower.endsWith("n't") || lower.endsWith('n’t')
/** How much a word strengthens (above 1) or weakens the next. */
export const degreeOf = (lower: string): number => DEGREES.get(lower) ?? 1

/** Calls by their strike are bullish, puts bearish. */
export function weightOfNumber(lower: string): number | undefined {
  const side = STRIKE.exec(lower)?.[1]
  return side === undefined ? undefined : side === 'c' ? STRIKE_WEIGHT : -STRIKE_WEIGHT
}
