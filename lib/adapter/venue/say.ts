/** What the adapters of venues conclude from what they heard, in the same words. */
import type { Broker, Outcome, Told, VenueFill } from '#port/broker'
import type { Cents, Fixed } from '#domain/money/money'
import type { Answer } from './wire.ts'

/** In the venue's words, short enough for a log. */
export const words = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 300)

export const reasonOf = (error: unknown): string => words(error instanceof Error ? error.message : String(error))

/** A refusal by its status: the request was understood and turned down. Of anything else nobody can say what it did. */
export const isRefusal = ({ status }: Answer): boolean => status >= 400 && status < 500 && !LATER.has(status)
/** Time-out, conflict, too early, too many. */
const LATER: ReadonlySet<number> = new Set([408, 409, 425, 429])

/** Whatever goes wrong while asking is "we do not know". */
export async function told<T>(ask: () => Promise<T>): Promise<Told<T>> {
  try {
    return { told: await ask() }
  } catch (error) {
    return { unknown: reasonOf(error) }
  }
}

export const rejected = (why: string): Outcome => ({ outcome: 'rejected', why: words(why) })
export const unknown = (why: string): Outcome => ({ outcome: 'unknown', why: words(why) })

/** Rounded up, for b above zero. */
export const ceilDiv = (a: bigint, b: bigint): bigint => (a > 0n ? (a + b - 1n) / b : a / b)

/** What an order has come to, by the venue's count. */
export interface Reached {
  readonly orderId: string
  /** Of which leg, where there are several. */
  readonly leg?: VenueFill['leg']
  readonly clientOrderId: string
  readonly side: 'buy' | 'sell'
  readonly quantity: Fixed
  /** Average of all of it, in 10^-8. */
  readonly average: Fixed
  readonly at: string
  readonly knownAt: string
}

/**
 * The execution that leads from what is booked to what the venue counts, for venues that tell sums only. Its name says the sum, so that
 * our books themselves say from where to go on; undefined where nothing is new.
 */
export function stepTo(reached: Reached, fillIds: Iterable<string>): VenueFill | undefined {
  const { orderId, leg, clientOrderId, side, quantity, average, at, knownAt } = reached
  const stem = `${orderId}${leg === undefined ? '' : `/${leg.subject}`}`
  let had = 0n, hadValue = 0n
  for (const id of fillIds) {
    const [name, upTo, price] = id.split('@')
    if (name !== stem || upTo === undefined || price === undefined || BigInt(upTo) <= had) continue
    had = BigInt(upTo)
    hadValue = had * BigInt(price)
  }
  if (quantity <= had) return undefined
  const step = quantity - had, value = quantity * average - hadValue
  // Against us, where the venue's average is rounded.
  const price = side === 'buy' ? ceilDiv(value, step) : value / step
  return {
    fillId: `${stem}@${quantity}@${average}`, clientOrderId, quantity: step, price: price > 0n ? price : 0n, feeCents: 0n as Cents, at, knownAt,
    ...(leg !== undefined && { leg }),
  }
}

/** An adapter that is made when it is first asked: what venues are reached through is heavy, and most runs never do. */
export function lazily(name: string, rules: Broker['rules'], open: () => Promise<Broker>): Broker {
  let opened: Promise<Broker> | undefined, ready: Broker | undefined
  const broker = (): Promise<Broker> => (opened ??= open().then((made) => (ready = made)))
  return {
    name,
    rules,
    submit: async (order) => (await broker()).submit(order),
    cancel: async (order) => (await broker()).cancel(order),
    look: async (order) => (await broker()).look(order),
    openOrders: async () => (await broker()).openOrders(),
    fills: async (after, nowMs, booked) => (await broker()).fills(after, nowMs, booked),
    account: async () => (await broker()).account(),
    activities: async (sinceMs, nowMs) => (await broker()).activities?.(sinceMs, nowMs) ?? { unknown: `${name} tells of no activities` },
    quotes: async (subjects) => (await broker()).quotes?.(subjects) ?? { unknown: `${name} tells no prices` },
    close: () => ready?.close?.(),
    stirred: async (withinMs) => (await broker()).stirred?.(withinMs),
  }
}
