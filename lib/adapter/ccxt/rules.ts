import type { VenueRules } from '#port/broker'

/** Most exchanges take an order within seconds; prices and fees are rounded against us each. */
export const CCXT_RULES: VenueRules = { idempotent: false, settleMs: 120_000, centsPerFill: 2n }
