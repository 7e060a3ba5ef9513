/** What is checked before an order leaves, and the codes under which the executor declines. A code never changes its meaning. */

/** Every refusal code and what it says. `grep` and `jq` users rely on the codes, people on the words. */
export const REFUSALS = {
  KILL: 'halted: the kill switch, disabled orders or maintenance, or an overlay that cannot be read',
  UNSIGNED: 'the allocation carries no signature of its vault',
  BAD_SIGNATURE: 'the signature is of another key, another vault, or not over what the allocation says',
  EXPIRED: 'the allocation is older than its own expires_at',
  DUPLICATE: 'this allocation was acted on before',
  OPEN_ORDER: 'an order in the subject is still open, or it is not known whether it is',
  UNRECONCILED: 'the venue cannot be heard, or tells another story than the books; the allocation waits until it expires',
  NO_PRICE: 'no price is known at the moment of decision, so exposure cannot be sized (full exits need none)',
  STALE_PRICE: 'the last known price is older than --max-price-age (full exits are let through)',
  SHORT: 'the allocation asks for a short position, which the vault or the broker does not take',
  POSITION_CAP: 'the fraction is above the vault\'s cap for one position',
  GROSS_CAP: 'no room is left under the vault\'s cap for the sum of positions',
  INSUFFICIENT_CASH: 'the cash at hand, open orders deducted, does not pay for one lot',
  DUST: 'less than one lot, or less money than --dust (full exits are let through)',
} as const

export type RefusalCode = keyof typeof REFUSALS
