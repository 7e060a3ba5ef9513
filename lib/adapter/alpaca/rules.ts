import type { VenueRules } from '#port/broker'

/** A request may take effect so late, and show up in what is asked so much later again. */
export const ALPACA_RULES: VenueRules = { idempotent: true, settleMs: 60_000, centsPerFill: 1n }
