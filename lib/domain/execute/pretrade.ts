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
  CLOSING: 'the vault is closing and only leaves positions, or is halted and does nothing',
  COOLDOWN: 'a stop made the vault leave the subject, and it is left alone until stops.cooldown has passed',
  COVENANT: 'a covenant of the vault\'s loan (drawdown, exposure) is breached, or would be: no new exposure',
  MARKET_CLOSED: 'the market of the subject has no session now (--when-closed wait); the allocation waits until it expires',
  HALTED: 'trading in the subject is halted and has not resumed; the allocation waits until it expires (full exits are let through)',
  THROTTLE: 'more orders than --orders-per-minute; the allocation waits until it expires',
  SALE_OPEN: 'the cash or the room under a cap comes only once a sale that is open is filled; the allocation waits until it expires',
  CORPORATE_ACTION: 'something befell the subject (a merger, a split) that is not booked yet: what is held is not certain',
  DELISTED: 'the subject trades no more (a price since then would be of another)',
  NO_PRICE: 'no price is known at the moment of decision, so exposure cannot be sized (full exits need none)',
  STALE_PRICE: 'the last known price is older than --max-price-age (full exits are let through)',
  PRICE_COLLAR: 'the price is further from the last close of an earlier day than --collar, or none is known (full exits are let through)',
  TICK: 'no limit price within --collar is a whole tick of the subject',
  LOT: 'what is held or wanted is no whole lot',
  SHORT: 'the allocation asks for a short position, which the vault or the broker does not take',
  POSITION_CAP: 'the fraction is above the vault\'s cap for one position',
  GROSS_CAP: 'no room is left under the vault\'s cap for the sum of positions',
  NET_CAP: 'no room is left under the vault\'s cap for long positions less short ones',
  SECTOR_CAP: 'no room is left under the vault\'s cap for one sector (memory/sectors.json)',
  SOURCE_CAP: 'no room is left under the vault\'s cap for positions on the word of one maker',
  BOOK_CAP: 'no room is left under the caps over all vaults together (`book` in memory/vault.json)',
  ORDER_COUNT_CAP: 'the vault has as many open orders as it may (full exits are let through)',
  TURNOVER_CAP: 'the vault has traded as much today as it may (full exits are let through)',
  LIQUIDITY_CAP: 'the share of the average daily volume that an order may be does not make one lot, or with --live is not known (full exits are let through)',
  BUYING_POWER: 'the venue says that the account may not spend so much',
  INSUFFICIENT_CASH: 'the cash at hand, open orders deducted, does not pay for one lot',
  DUST: 'less than one lot, or less money than --dust (full exits are let through)',
} as const

export type RefusalCode = keyof typeof REFUSALS

/** What passes with time: the allocation waits, and is told so once. */
export const PASSING: ReadonlySet<RefusalCode> = new Set<RefusalCode>(['MARKET_CLOSED', 'HALTED', 'THROTTLE', 'SALE_OPEN'])

/** What a `warning` record says of an order that is sent all the same. */
const WARNINGS = {
  PDT: 'the fourth day trade within five business days, with less than 25,000 USD of equity (FINRA rule 4210(f)(8)(B))',
  WASH_SALE: 'a purchase within 30 days of a sale of the same subject at a loss (26 U.S.C. 1091)',
} as const

export type WarningCode = keyof typeof WARNINGS
