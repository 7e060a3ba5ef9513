import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { memoryLogs, type MemoryLogs } from '#adapter/memory/logs'
import { CHECKPOINT, LEAVES, LINES } from '#domain/audit/files'
import { verifyAuditLog } from '#domain/audit/verify'
import { appendRecords } from './fixture.ts'

const RECORDS = 12
const SIZE = RECORDS + 1

function freshLog(): MemoryLogs {
  const logs = memoryLogs()
  appendRecords(logs, 0, RECORDS)
  return logs
}

const contentOf = (logs: MemoryLogs, name: string): Buffer => Buffer.from(logs.files.get(name) ?? [])
const linesOf = (logs: MemoryLogs): string[] => contentOf(logs, LINES).toString('latin1').split('\n').slice(0, -1)
const setLines = (logs: MemoryLogs, lines: string[]): void => {
  logs.files.set(LINES, Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1'))
}

/** The fault found, which there must be. */
function faultOf(logs: MemoryLogs): string {
  const verdict = verifyAuditLog(logs)
  assert.equal(verdict.intact, false)
  return 'fault' in verdict ? verdict.fault : ''
}

function flip(logs: MemoryLogs, name: string, at: number, bit: number): number {
  const content = contentOf(logs, name)
  const place = at % content.length
  content.writeUInt8((content[place] ?? 0) ^ (1 << bit), place)
  logs.files.set(name, content)
  return place
}

const RUNS = { numRuns: 300 }
const at = fc.nat(1_000_000), bit = fc.nat(7)

test('any bit flipped in the lines: the line is named, and its byte', () => {
  fc.assert(fc.property(at, bit, (where, which) => {
    const logs = freshLog()
    const before = linesOf(logs)
    const place = flip(logs, LINES, where, which)
    let line = 0, offset = 0
    while (offset + (before[line]?.length ?? 0) < place) offset += (before[line++]?.length ?? 0) + 1
    const fault = faultOf(logs)
    // The very last newline changed leaves a torn line; every other change is within a line that still ends.
    const isLast = place === contentOf(logs, LINES).length - 1
    const expected = isLast ? `cut off within line ${line + 1} (byte ${offset})` : `line ${line + 1} (byte ${offset}`
    assert.ok(fault.startsWith(`${LINES} `) && fault.includes(expected), `${fault}; expected ${expected}`)
    assert.ok(!isLast || fault.includes('cut off'))
  }), RUNS)
})

test('any bit flipped in the leaves: the leaves are named, and the entry', () => {
  fc.assert(fc.property(at, bit, (where, which) => {
    const logs = freshLog()
    const place = flip(logs, LEAVES, where, which)
    const entry = Math.floor(place / 32)
    assert.match(faultOf(logs), new RegExp(`^${LEAVES} was changed at entry ${entry + 1} \\(byte ${entry * 32}\\)`))
  }), RUNS)
})

test('any bit flipped in the checkpoint: the checkpoint is named', () => {
  fc.assert(fc.property(at, bit, (where, which) => {
    const logs = freshLog()
    flip(logs, CHECKPOINT, where, which)
    // A larger size cannot be told from a log whose two other files were cut alike.
    assert.match(faultOf(logs), new RegExp(`^${CHECKPOINT} was changed|either both were cut or ${CHECKPOINT} was changed$`))
  }), RUNS)
})

test('a deleted line: the place is named', () => {
  fc.assert(fc.property(at, (where) => {
    const logs = freshLog()
    const lines = linesOf(logs), line = where % SIZE
    const [gone] = lines.splice(line, 1)
    setLines(logs, lines)
    const fault = faultOf(logs)
    assert.notEqual(gone, undefined)
    const expected = line === SIZE - 1
      ? `ends after line ${line} \\(byte \\d+\\), the checkpoint says ${SIZE}`
      : `line ${line + 1} \\(byte \\d+, record [0-9a-f]{40}\\): the line that stood before it was deleted`
    assert.match(fault, new RegExp(`^${LINES} ${expected}$`))
  }), RUNS)
})

test('an inserted line: the place is named', () => {
  fc.assert(fc.property(at, fc.boolean(), (where, isCopy) => {
    const logs = freshLog()
    const lines = linesOf(logs), line = where % (SIZE + 1)
    const copied = lines[line] ?? 'more'
    lines.splice(line, 0, isCopy ? copied : '{"new":"line"}')
    setLines(logs, lines)
    const fault = faultOf(logs)
    // A copy of a line before the line itself is the same as one after it.
    const inserted = isCopy && line < SIZE ? line + 1 : line
    if (inserted === SIZE) assert.match(fault, new RegExp(`^${LINES}: 1 more lines follow line ${SIZE}`))
    else if (inserted === SIZE - 1) assert.match(fault, new RegExp(`^${LINES} line ${SIZE} \\(.*\\) was inserted$`))
    else assert.match(fault, new RegExp(`^${LINES} line ${inserted + 1} \\(.*\\) was inserted$`))
  }), RUNS)
})

test('lines swapped: the first of them is named', () => {
  fc.assert(fc.property(at, at, (one, other) => {
    const logs = freshLog()
    const lines = linesOf(logs)
    const a = Math.min(one % SIZE, other % SIZE), b = Math.max(one % SIZE, other % SIZE)
    fc.pre(a !== b)
    const first = lines[a] ?? '', second = lines[b] ?? ''
    lines[a] = second
    lines[b] = first
    setLines(logs, lines)
    const what = b === a + 1 ? 'has changed places with the line after it' : 'was changed: .*'
    assert.match(faultOf(logs), new RegExp(`^${LINES} line ${a + 1} \\(.*\\) ${what}$`))
  }), RUNS)
})

test('a tail cut off, at a line end or within a line, of any of the files or all', () => {
  fc.assert(fc.property(fc.constantFrom(LINES, LEAVES, CHECKPOINT), at, (name, where) => {
    const logs = freshLog()
    const content = contentOf(logs, name)
    const left = content.subarray(0, where % content.length)
    logs.files.set(name, left)
    const fault = faultOf(logs)
    const whole = left.toString('latin1').split('\n').length - 1
    if (name === LEAVES) {
      const entries = Math.floor(left.length / 32)
      const expected = entries === 0 ? 'is missing' : `ends after entry ${entries}, the checkpoint says ${SIZE}`
      assert.match(fault, new RegExp(`^${LEAVES} ${expected}`))
    } else if (name === CHECKPOINT) {
      assert.match(fault, new RegExp(`^${CHECKPOINT} was changed`))
    } else if (left.length === 0) {
      assert.match(fault, new RegExp(`^${LINES} is missing or empty, the checkpoint says ${SIZE} lines`))
    } else {
      const isAtEnd = left.at(-1) === 10
      const expected = isAtEnd ? `ends after line ${whole} ` : `is cut off within line ${whole + 1} `
      assert.ok(fault.startsWith(`${LINES} ${expected}`), fault)
    }
  }), RUNS)
})

test('a file missing, and all of them', () => {
  for (const name of [LINES, LEAVES, CHECKPOINT]) {
    const logs = freshLog()
    logs.files.delete(name)
    assert.match(faultOf(logs), new RegExp(`^${name} is missing`))
  }
  assert.equal(faultOf(memoryLogs()), 'there is no audit log')
})

test('lines and leaves cut alike are betrayed by the checkpoint', () => {
  const logs = freshLog()
  setLines(logs, linesOf(logs).slice(0, 5))
  logs.files.set(LEAVES, contentOf(logs, LEAVES).subarray(0, 5 * 32))
  assert.match(faultOf(logs), new RegExp(`^${LINES} ends after line 5 .*the checkpoint says ${SIZE}; ${LEAVES} ends there too`))
})

test('the checkpoint of another log does not pass, whole as it is', () => {
  const logs = freshLog(), other = memoryLogs()
  appendRecords(other, 100, 100 + RECORDS)
  logs.files.set(CHECKPOINT, contentOf(other, CHECKPOINT))
  assert.match(faultOf(logs), new RegExp(`^${CHECKPOINT} was changed`))
})

test('lines after the checkpoint, whole or torn, are told', () => {
  const logs = freshLog()
  logs.files.set(LINES, Buffer.concat([contentOf(logs, LINES), Buffer.from('{"n":')]))
  assert.match(faultOf(logs), new RegExp(`^${LINES}: 5 bytes without a newline follow line ${SIZE}, where the checkpoint ends`))
  logs.files.set(LINES, Buffer.concat([contentOf(logs, LINES), Buffer.from('1}\n')]))
  assert.match(faultOf(logs), new RegExp(`^${LINES}: 1 more lines follow line ${SIZE}, where the checkpoint ends`))
})
