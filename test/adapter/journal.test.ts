import assert from 'node:assert/strict'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { fileJournal, tapeJournal } from '#adapter/file/journal'
import { memoryJournal } from '#adapter/memory/journal'
import { memoryLogs } from '#adapter/memory/logs'
import { journalSuite } from '../port/journal.suite.ts'
import { failsWith } from '../port/store.suite.ts'
import { SimulatedDisk, type Fault } from './simulated-disk.ts'

const freshPath = (): string => join(fs.mkdtempSync(join(tmpdir(), 'vanta-journal-')), 'logs', 'trade_log.jsonl')

journalSuite('file journal', () => fileJournal(freshPath()))
journalSuite('memory journal', () => memoryJournal())
journalSuite('journal on a memory tape', () => tapeJournal(memoryLogs().open('trade_log.jsonl')))

test('a torn tail is set aside before the next append: not joined, not dropped, not read', () => {
  const path = freshPath()
  fs.mkdirSync(join(path, '..'))
  // The cut goes through the middle of a character.
  const torn = Buffer.from('{"n":2,"text":"ü').subarray(0, -1)
  fs.writeFileSync(path, Buffer.concat([Buffer.from('{"n":1}\n'), torn]))
  const journal = fileJournal(path)
  assert.deepEqual([...journal.lines()], ['{"n":1}'])
  assert.equal(fs.statSync(path).size, 8 + torn.length, 'reading mends nothing')
  journal.append('{"n":3}')
  journal.close()
  assert.equal(fs.readFileSync(path, 'utf8'), '{"n":1}\n{"n":3}\n')
  assert.deepEqual(fs.readFileSync(`${path}.torn-8`), torn)
})

test('a journal that only ever held a torn line starts anew', () => {
  const path = freshPath()
  fs.mkdirSync(join(path, '..'))
  fs.writeFileSync(path, '{"n":')
  const journal = fileJournal(path)
  journal.append('{"n":1}')
  journal.close()
  assert.equal(fs.readFileSync(path, 'utf8'), '{"n":1}\n')
  assert.equal(fs.readFileSync(`${path}.torn-0`, 'utf8'), '{"n":')
})

test('two appenders in turn do not overwrite each other', () => {
  const path = freshPath()
  const one = fileJournal(path), two = fileJournal(path)
  one.append('one')
  one.sync()
  two.append('two')
  two.sync()
  one.append('three')
  one.close()
  two.close()
  assert.equal(fs.readFileSync(path, 'utf8'), 'one\ntwo\nthree\n')
})

/** Append lines in groups of three until something fails; returns how many were acknowledged. */
function appendInGroups(disk: SimulatedDisk, from: number, to: number): number {
  const journal = fileJournal('/home/logs/x.jsonl', disk)
  let acknowledged = from
  try {
    for (let n = from; n < to; n++) {
      journal.append(lineOf(n))
      if (n % 3 === 2) {
        journal.sync()
        acknowledged = n + 1
      }
    }
    journal.close()
    return to
  } catch (error) {
    assert.ok(failsWith('output')(error), String(error))
    assert.throws(() => journal.sync(), 'a journal that failed once does not claim success later')
    return acknowledged
  }
}
const lineOf = (n: number): string => `{"n":${n},"pad":"${'ß'.repeat(n % 5)}"}`

const someDraws = fc.array(fc.nat(), { minLength: 4, maxLength: 12 })

test('whichever operation fails, and whatever a crash takes, no acknowledged line is lost or joined to another', () => {
  for (const fault of ['ENOSPC', 'EIO', 'short'] satisfies Fault[]) {
    let failedAt = 0
    for (let nth = 1, done = false; !done; nth++) {
      fc.assert(fc.property(someDraws, fc.integer({ min: 1, max: 12 }), (draws, second) => {
        let draw = 0
        const choose = (below: number): number => (draws[draw++ % draws.length] ?? 0) % below
        const disk = new SimulatedDisk()
        disk.failAfter(nth, fault)
        const acknowledged = appendInGroups(disk, 0, 20)
        done = disk.faults === 0
        if (!done) failedAt = nth
        disk.crash(choose)
        const survived = survivors(disk)
        assert.ok(survived >= acknowledged, `${acknowledged} acknowledged, ${survived} survived`)
        // The recovery may fail too.
        disk.failAfter(second, fault)
        const again = appendInGroups(disk, survived, survived + 6)
        disk.crash(choose)
        const after = survivors(disk)
        assert.ok(after >= Math.max(again, survived), `${again} acknowledged, ${after} survived`)
        assert.equal(appendInGroups(disk, after, after + 3), after + 3)
        assert.equal(survivors(disk), after + 3)
      }), { numRuns: 20, seed: nth })
    }
    assert.ok(failedAt >= 8, `${fault}: failed only up to operation ${failedAt}`)
  }
})

/** How many lines there are; every one must be the very line that was appended at its place. */
function survivors(disk: SimulatedDisk): number {
  const lines = [...fileJournal('/home/logs/x.jsonl', disk).lines()]
  lines.forEach((line, n) => assert.equal(line, lineOf(n)))
  return lines.length
}

test('a torn tail that a crash left is found again in the file beside', () => {
  const disk = new SimulatedDisk()
  const journal = fileJournal('/logs/x.jsonl', disk)
  journal.append('{"n":1}')
  journal.sync()
  journal.append('{"n":2}')
  disk.failAfter(1, 'short')
  assert.throws(() => journal.sync(), failsWith('output'))
  const next = fileJournal('/logs/x.jsonl', disk)
  next.append('{"n":3}')
  next.close()
  assert.equal(disk.content('/logs/x.jsonl')?.toString(), '{"n":1}\n{"n":3}\n')
  assert.equal(disk.content('/logs/x.jsonl.torn-8')?.toString(), '{"n"')
})
