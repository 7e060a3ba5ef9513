/**
 * Personas at the vault: logged tilts on sizing. What a persona thinks of a conviction stands in the conviction (`persona_overrides`), and is what the vault
 * acts on while it has that temper; here is how large it then becomes. Never a cap.
 */
import type { PersonaName } from '../conviction/personas.ts'
import { ONE } from '../money/decimal.ts'
import type { Fixed } from '../money/money.ts'

export interface Persona {
  /** Fractions are multiplied by it (10^-8) before the caps. */
  readonly scale: Fixed
  /** Every position gets the same, that of the weakest conviction taken. */
  readonly equal: boolean
  /** Largest sum of fractions, where the vault names no other ceiling for it. */
  readonly leverage: Fixed
}

const TENTH = ONE / 10n

export const PERSONA: { readonly [name in PersonaName]: Persona } = {
  /** Risk-averse: half the size. */
  athena: { scale: 5n * TENTH, equal: false, leverage: 5n * TENTH },
  /** Aggressive: half as large again. */
  apollo: { scale: 15n * TENTH, equal: false, leverage: ONE },
  /** Contrarian. */
  ares: { scale: ONE, equal: false, leverage: 5n * TENTH },
  /** Balancer: no conviction is worth more than another. */
  nemesis: { scale: ONE, equal: true, leverage: 8n * TENTH },
}

/** No tilt. */
export const PLAIN: Persona = { scale: ONE, equal: false, leverage: 1_000_000n * ONE }
