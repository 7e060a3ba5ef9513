/** Bugs planted on purpose, each where somebody might really make it: the laws have to notice every one. */
import type { Broker } from '#port/broker'
import type { Journal } from '#port/journal'
import type { Random } from '#port/random'
import type { Store, Versioned } from '#port/store'
import { Executor } from '#domain/execute/executor'
import { Rooms } from '#domain/execute/rooms'
import { Watch } from '#domain/execute/watch'
import { Whole } from '#domain/execute/whole'

export const BUGS = [
  'retry with a new id', 'time-out is a rejection', 'no fsync', 'absence is believed at once', 'kill is asked once', 'fills are not told apart',
  'splits are not heard', 'the journal runs ahead', 'caps are of the start of a moment',
  'open orders are no exposure', 'a stop forgets the split', 'highs are not kept', 'a flip has no end', 'the overlay is read once',
  'settings are read once', 'allocators overwrite one another', 'a quote is of two shares', 'what is written is taken for told',
] as const
export type Bug = (typeof BUGS)[number]

/** Bugs in what computes: put into the classes themselves until the returned function takes them out again. */
export function planted(bug: Bug | undefined): () => void {
  switch (bug) {
    case 'caps are of the start of a moment': return replaced(Whole.prototype, 'bought', () => undefined)
    case 'what is written is taken for told': {
      const resume = Executor.prototype.resume
      return replaced(Executor.prototype, 'resume', function (this: Executor, ...now) {
        this.shelf.untold.length = 0
        return resume.apply(this, now)
      })
    }
    case 'open orders are no exposure': return replaced(Rooms.prototype, 'reserve', () => undefined)
    case 'a stop forgets the split': return replaced(Watch.prototype, 'moved', () => undefined)
    case 'highs are not kept': {
      const state = Watch.prototype.toState
      return replaced(Watch.prototype, 'toState', function (this: Watch) {
        const { holdings = {}, ...rest } = state.call(this)
        return { ...rest, holdings: Object.fromEntries(Object.entries(holdings).map(([subject, { high: _high, ...held }]) => [subject, held])) }
      })
    }
    default: return () => undefined
  }
}

function replaced<T extends object, K extends keyof T>(of: T, name: K, by: T[K]): () => void {
  const before = of[name]
  of[name] = by
  return () => void (of[name] = before)
}

export type Who = 'exec' | 'allocator' | 'people'

/** The memory files as one process sees them. */
export function buggyStore(store: Store, bug: Bug | undefined, who: Who): Store {
  const once = (name: string): Store => {
    let first: Versioned | undefined | 'unread' = 'unread'
    return { ...store, read: (of) => (of !== name ? store.read(of) : first === 'unread' ? (first = store.read(of)) : first) }
  }
  if (bug === 'kill is asked once' && who === 'exec') return once('vault_overlay.json')
  if (bug === 'the overlay is read once' && who === 'allocator') return once('vault_overlay.json')
  if (bug === 'settings are read once' && who === 'exec') return once('vault.json')
  if (bug === 'a flip has no end' && who === 'allocator') {
    return { ...store, read: (name) => (name === 'vault_overlay.json' ? endless(store.read(name)) : store.read(name)) }
  }
  if (bug === 'allocators overwrite one another' && who === 'allocator') {
    // What it read when it began, written over what is there now.
    const then = store.read('autotrade_queue.json')
    return {
      read: (name) => (name === 'autotrade_queue.json' ? then : store.read(name)),
      write: (name, memory, basedOn) => store.write(name, memory, name === 'autotrade_queue.json' ? (store.read(name)?.version ?? 0) : basedOn),
    }
  }
  return store
}

function endless(overlay: Versioned | undefined): Versioned | undefined {
  const flips = overlay?.memory['flips']
  if (overlay === undefined || typeof flips !== 'object' || flips === null || Array.isArray(flips)) return overlay
  const until = '2099-01-01T00:00:00.000Z'
  const longer = Object.fromEntries(Object.entries(flips).map(([vault, flip]) => [vault, { ...(flip as object), until }]))
  return { ...overlay, memory: { ...overlay.memory, flips: longer } }
}

export function buggyJournal(journal: Journal, name: string, bug: Bug | undefined, chance: Random): Journal {
  if (bug === 'no fsync') return { ...journal, sync: () => undefined }
  // Said to be durable when the other is.
  if (bug !== 'the journal runs ahead' || name !== 'trade_log.jsonl') return journal
  return { ...journal, sync: () => (chance.next() < 0.5 ? undefined : journal.sync()) }
}

export function buggyBroker(broker: Broker, bug: Bug | undefined): Broker {
  return {
    name: broker.name, rules: bug === 'absence is believed at once' ? { ...broker.rules, settleMs: 0 } : broker.rules,
    cancel: (order) => broker.cancel(order), look: (id) => broker.look(id), openOrders: () => broker.openOrders(), account: () => broker.account(),
    async quotes(subjects) {
      const told = (await broker.quotes?.(subjects)) ?? { unknown: 'no quotes' }
      if (bug !== 'a quote is of two shares' || 'unknown' in told) return told
      return { told: new Map([...told.told].map(([subject, { price }]) => [subject, { price: 2n * price }])) }
    },
    async fills(after, nowMs, booked) {
      const told = await broker.fills(after, nowMs, booked)
      if (bug !== 'fills are not told apart' || 'unknown' in told) return told
      return { told: { ...told.told, fills: told.told.fills.map((fill, i) => ({ ...fill, fillId: `${fill.fillId}-${told.told.mark}-${i}` })) } }
    },
    async submit(order) {
      const answer = await broker.submit(order)
      if (answer.outcome !== 'unknown') return answer
      if (bug === 'time-out is a rejection') return { outcome: 'rejected', why: answer.why }
      return bug === 'retry with a new id' ? broker.submit({ ...order, clientOrderId: `${order.clientOrderId}-2` }) : answer
    },
  }
}
