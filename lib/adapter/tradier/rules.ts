import type { VenueRules } from '#port/broker'

/** Sums are of averages that were rounded. */
export const TRADIER_RULES: VenueRules = { idempotent: false, settleMs: 120_000, centsPerFill: 1n }
