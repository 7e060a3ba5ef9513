/**
 * Personas: logged tilts on conviction and sizing. A tilt changes which convictions count and how large they become; never what a conviction
 * says, and never a cap.
 */
import { ONE } from '../money/decimal.ts'
import type { Fixed } from '../money/money.ts'

export const PERSONAS = ['athena', 'apollo', 'ares', 'nemesis'] as const
export type PersonaName = (typeof PERSONAS)[number]
export const isPersona = (value: unknown): value is PersonaName => PERSONAS.some((name) => name === value)

export interface Persona {
  /** Fractions are multiplied by it (10^-8) before the caps. */
  readonly scale: Fixed
  /** Added to the lowest score that a band takes. */
  readonly caution: number
  /** Takes the other side: a conviction that a price falls counts as one that it rises, and the other way round. */
  readonly contrarian: boolean
  /** Every position gets the same, that of the weakest conviction taken. */
  readonly equal: boolean
  /** Largest sum of fractions, where the vault names no other ceiling for it. */
  readonly leverage: Fixed
}

const TENTH = ONE / 10n

export const PERSONA: { readonly [name in PersonaName]: Persona } = {
  /** Risk-averse: half the size, and only what is clearer. */
  athena: { scale: 5n * TENTH, caution: 0.02, contrarian: false, equal: false, leverage: 5n * TENTH },
  /** Aggressive: half as large again. */
  apollo: { scale: 15n * TENTH, caution: 0, contrarian: false, equal: false, leverage: ONE },
  /** Contrarian. */
  ares: { scale: ONE, caution: 0, contrarian: true, equal: false, leverage: 5n * TENTH },
  /** Balancer: no conviction is worth more than another. */
  nemesis: { scale: ONE, caution: 0, contrarian: false, equal: true, leverage: 8n * TENTH },
}

/** No tilt. */
export const PLAIN: Persona = { scale: ONE, caution: 0, contrarian: false, equal: false, leverage: 1_000_000n * ONE }
