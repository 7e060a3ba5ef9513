/** A rig of the conformance suite from a local venue. */
import { openVenue } from '#adapter/venue/open'
import type { VenueTerms } from '#port/broker'
import type { Credentials } from '#port/secrets'
import type { BrokerRig } from '../port/broker.suite.ts'
import type { LocalVenue } from '../service/venues/alpaca.ts'
import type { Happened, Standing } from '../service/venues/exchange.ts'
import type { Asked } from '../service/service.ts'
import { misbehaving } from '../service/venues/faults.ts'

const CENTS = 1_000_000n

export interface RigTerms {
  readonly terms: Pick<VenueTerms, 'name' | 'exchange' | 'currency'>
  readonly secrets: Credentials
  /** What is traded, in our words and in the venue's. */
  readonly subject: string
  readonly symbol: string
  readonly hasSessions: boolean
  /** It says nothing of a cancel that is under way. */
  readonly hidesLeaving?: boolean
  readonly mostOpen?: number
  /** Which requests change something; else those that are posted. */
  readonly isChange?: (asked: Asked) => boolean
  /** What moves it without an execution; and whether a correction is told as a change of what was told, or as another. */
  readonly moves?: { readonly kinds: readonly Happened['kind'][]; readonly corrects: boolean }
  readonly can: BrokerRig['can']
}

export function venueRig({ service, exchange }: LocalVenue, { terms, secrets, subject, symbol, hasSessions, hidesLeaving = false, isChange, mostOpen, moves, can }: RigTerms): BrokerRig {
  const open: (() => void)[] = []
  const find = (id: string): Standing => {
    const order = exchange.orders.find(({ clientId }) => clientId === id)
    if (order === undefined) throw new Error(`no order ${id} there`)
    return order
  }
  return {
    subject,
    open() {
      const broker = openVenue({ ...terms, exchange: terms.exchange ?? '', endpoint: service.endpoint, live: false, timeoutMs: 400 }, secrets)
      open.push(() => broker.close?.())
      return broker
    },
    trade: (price) => exchange.trade(symbol, price),
    fill(id, quantity, price) {
      const order = find(id)
      exchange.fill(order, quantity, order.legs !== undefined || order.symbol.length > 12 ? price / 100n : price)
    },
    count: (id) => exchange.orders.filter(({ clientId }) => clientId === id).length,
    ...(!hidesLeaving && { cancelsLate: (late: boolean) => void (exchange.cancelsLate = late) }),
    fault: (fault) => misbehaving(service, fault, isChange ?? (({ method }) => method === 'POST')),
    hides: (looks) => void (exchange.hidesFor = looks),
    ...(mostOpen !== undefined && { mostOpen }),
    ...(hasSessions && { closeSession: () => exchange.closeSession() }),
    foreign: (quantity) => void exchange.place({ clientId: 'by-hand', symbol, side: 'buy', type: 'limit', limit: 100_000_000n, quantity, timeInForce: 'gtc' }),
    ...(moves !== undefined && {
      moves: {
        kinds: moves.kinds,
        happen: (kind, cents) => {
          const happened = exchange.happen(kind, cents * CENTS, kind === 'dividend' ? symbol : undefined)
          return (anew: bigint) => {
            if (moves.corrects) exchange.correct(happened, anew * CENTS)
            else exchange.happen(kind, (anew - cents) * CENTS, happened.symbol)
          }
        },
      },
    }),
    can,
    held: () => ({ cash: exchange.cash / CENTS, position: exchange.positions.get(symbol) ?? 0n }),
    close() {
      for (const end of open) end()
      return service.close()
    },
  }
}
