/**
 * What each persona makes of a conviction: tilts, as terms of the same sum. The conviction itself is of none of them; a vault that has taken on a persona
 * acts on what that one says (`persona_overrides`).
 */
import { logistic, type Conviction } from '#record'

export const PERSONAS = ['athena', 'apollo', 'ares', 'nemesis'] as const
export type PersonaName = (typeof PERSONAS)[number]
export const isPersona = (value: unknown): value is PersonaName => PERSONAS.some((name) => name === value)

/** What the cautious takes off a conviction and the bold adds: two points of probability at one half; of a weaker one no more than it says. */
const NERVE = Math.log(0.52 / 0.48)

type Override = NonNullable<NonNullable<Conviction['persona_overrides']>[PersonaName]>

/** In log-odds of the stated direction, which are 0 and up. */
const TILTS: { readonly [name in PersonaName]: (logOdds: number) => Override['tilts'] } = {
  /** Risk-averse. */
  athena: (logOdds) => [{ term: 'caution', log_odds: 0 - Math.min(logOdds, NERVE) }],
  /** Aggressive. */
  apollo: (logOdds) => [{ term: 'boldness', log_odds: Math.min(logOdds, NERVE) }],
  /** Contrarian: as sure of the other side. */
  ares: (logOdds) => [{ term: 'the other side', log_odds: 0 - 2 * logOdds }],
  /** The balancer says the same, and stakes the same on all: its tilt is one of sizes alone. */
  nemesis: () => [],
}

/** What each would say: log-odds of the direction that the conviction states, below zero where it would state the other. */
export function overridesOf(logOdds: number): { [name in PersonaName]: Override } {
  const said = (name: PersonaName): Override => {
    const tilts = TILTS[name](logOdds)
    const tilted = tilts.reduce((sum, tilt) => sum + tilt.log_odds, logOdds)
    return { log_odds: tilted, conviction_score: logistic(tilted), tilts }
  }
  return { athena: said('athena'), apollo: said('apollo'), ares: said('ares'), nemesis: said('nemesis') }
}

/** The log-odds that each has; what a conviction does not say of a persona is what the persona here makes of it. */
export function personaLogOdds({ log_odds: logOdds, persona_overrides: overrides }: Pick<Conviction, 'log_odds' | 'persona_overrides'>): PersonaLogOdds {
  const own = overridesOf(logOdds)
  const of = (name: PersonaName): number => (overrides?.[name] ?? own[name]).log_odds
  return { athena: of('athena'), apollo: of('apollo'), ares: of('ares'), nemesis: of('nemesis') }
}
export type PersonaLogOdds = { readonly [name in PersonaName]: number }
