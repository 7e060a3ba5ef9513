import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SyncedBook, type Change } from '#domain/market/book_sync'
import { Levels } from '#domain/market/levels'

function change(numbers: Pick<Change, 'first' | 'last' | 'previous' | 'depth'>, bid?: readonly [string, string],
  ask?: readonly [string, string]): Change {
  const [bids, asks] = [bid, ask].map((level) => {
    const levels = new Levels()
    if (level !== undefined) levels.addText(...level)
    return levels
  })
  return { ...numbers, bids: bids ?? new Levels(), asks: asks ?? new Levels() }
}
const snapshotAt = (last: number): Change => change({ last }, ['10', '1'], ['11', '1'])

test('changes wait for their snapshot; those it knows already are passed over, the one that overlaps it is applied', () => {
  const synced = new SyncedBook()
  for (const n of [1, 2, 3, 4]) assert.equal(synced.take(change({ first: n * 10 - 9, last: n * 10 }, [String(n), '1'])), 'held')
  assert.equal(synced.start(snapshotAt(25)), 'applied')
  assert.equal(synced.sequence, 40)
  assert.deepEqual(synced.book.best('bids', 9).map(({ price }) => price), ['10', '4', '3'])
  assert.equal(synced.take(change({ first: 21, last: 30 }, ['9', '1'])), 'known')
  assert.equal(synced.take(change({ first: 41, last: 41 }, ['9', '1'])), 'applied')
})

test('a missed change is told, and held for the next snapshot', () => {
  const synced = new SyncedBook()
  synced.start(snapshotAt(5))
  assert.deepEqual(synced.take(change({ first: 8, last: 9 }, ['9', '1'])), { reason: 'sequence', expected: '6', found: '8' })
  assert.equal(synced.isLive, false)
  assert.equal(synced.take(change({ first: 10, last: 10 }, ['8', '1'])), 'held')
  assert.equal(synced.start(snapshotAt(8)), 'applied')
  assert.deepEqual([synced.isLive, synced.sequence, synced.book.bids.count], [true, 10, 3])
})

test('a snapshot that is too old for what is held says so again', () => {
  const synced = new SyncedBook()
  synced.take(change({ first: 20, last: 21 }))
  synced.take(change({ first: 22, last: 22 }))
  assert.deepEqual(synced.start(snapshotAt(5)), { reason: 'sequence', expected: '6', found: '20' })
  assert.deepEqual([synced.isLive, synced.held], [false, 2])
  assert.equal(synced.start(snapshotAt(20)), 'applied')
  assert.equal(synced.sequence, 22)
})

test('where changes name the state they were made from, only that one will do, but for the first after a snapshot', () => {
  const synced = new SyncedBook()
  synced.start(snapshotAt(100))
  assert.equal(synced.take(change({ first: 98, last: 103, previous: 97 })), 'applied')
  assert.equal(synced.take(change({ first: 105, last: 109, previous: 103 })), 'applied')
  assert.deepEqual(synced.take(change({ first: 112, last: 115, previous: 111 })), { reason: 'sequence', expected: '109', found: '111' })
  const gap = new SyncedBook()
  gap.start(snapshotAt(100))
  assert.equal(typeof gap.take(change({ first: 110, last: 112, previous: 105 })), 'object')
  const anew = new SyncedBook()
  anew.start(snapshotAt(100))
  anew.take(change({ last: 101, previous: 100 }))
  assert.equal(anew.take(change({ last: 3, previous: 101 })), 'applied', 'the venue began to count anew')
})

test('an answer that is older does not take a book back; a stream that begins anew does', () => {
  const synced = new SyncedBook()
  synced.start(snapshotAt(5))
  synced.take(change({ first: 6, last: 6 }, ['10.5', '2']))
  assert.equal(synced.start({ ...snapshotAt(4), isAnswer: true }), 'known')
  assert.equal(synced.sequence, 6)
  assert.equal(synced.book.best('bids', 1)[0]?.price, '10.5')
  // A stream that gives a snapshot begins anew, whatever its number.
  assert.equal(synced.start(snapshotAt(1)), 'applied')
  assert.equal(synced.sequence, 1)
})

test('messages without numbers follow one another; digits beyond what a book holds lose it', () => {
  const synced = new SyncedBook()
  synced.start(change({}, ['10', '1'], ['11', '1']))
  assert.equal(synced.take(change({}, ['10.5', '1'])), 'applied')
  synced.take(change({}, undefined, ['9999999999', '1']))
  const lost = synced.take(change({}, ['0.000000001', '1']))
  assert.equal(typeof lost === 'object' && lost.reason, 'digits')
})

test('lost or repeated messages: whatever comes after a snapshot, a book that says it is live is the true one', () => {
  const numbered = fc.array(fc.record({ price: fc.integer({ min: 1, max: 9 }), size: fc.integer({ min: 0, max: 3 }) }),
    { minLength: 3, maxLength: 30 })
  fc.assert(fc.property(numbered, fc.array(fc.nat(40), { maxLength: 60 }), fc.nat(5), (updates, order, snapshotAfter) => {
    const truth = (upTo: number): Map<number, number> => {
      const sizes = new Map<number, number>()
      for (const { price, size } of updates.slice(0, upTo)) size === 0 ? sizes.delete(price) : sizes.set(price, size)
      return sizes
    }
    const snapshot = (): Change => {
      const at = Math.min(snapshotAfter, updates.length), bids = new Levels()
      for (const [price, size] of truth(at)) bids.addText(String(price), String(size))
      return { last: at, bids, asks: new Levels() }
    }
    const synced = new SyncedBook()
    synced.start(snapshot())
    for (const pick of order) {
      const n = pick % updates.length, { price, size } = updates[n] ?? { price: 1, size: 0 }
      if (pick === 40) synced.start(snapshot())
      else synced.take(change({ first: n + 1, last: n + 1 }, [String(price), String(size)]))
      if (!synced.isLive) continue
      const book = new Map(synced.book.best('bids', 99).map((level) => [Number(level.price), Number(level.size)]))
      assert.deepEqual(new Map([...book].sort()), new Map([...truth(synced.sequence ?? 0)].sort()))
    }
  }))
})
