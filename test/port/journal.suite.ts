import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Journal } from '#port/journal'

/** What every Journal does. `fresh` gives an empty one. */
export function journalSuite(name: string, fresh: () => Journal): void {
  test(`${name}: an unwritten journal has no lines`, () => {
    assert.deepEqual([...fresh().lines()], [])
  })

  test(`${name}: lines come back in order, the queued ones included`, () => {
    const journal = fresh()
    journal.append('{"n":1}')
    journal.append('{"n":2,"text":"größer ☂ 🚀"}')
    assert.deepEqual([...journal.lines()], ['{"n":1}', '{"n":2,"text":"größer ☂ 🚀"}'])
    journal.sync()
    journal.append('')
    assert.deepEqual([...journal.lines()], ['{"n":1}', '{"n":2,"text":"größer ☂ 🚀"}', ''])
    journal.close()
  })

  test(`${name}: more than one buffer, and lines longer than one`, () => {
    const journal = fresh()
    const lines = Array.from({ length: 300 }, (_, n) => `${n}:${'x'.repeat((n * 7919) % 20_000)}`)
    lines.splice(150, 0, 'y'.repeat(3 << 20))
    for (const line of lines) journal.append(line)
    journal.sync()
    assert.deepEqual([...journal.lines()], lines)
    journal.close()
  })

  test(`${name}: a newline within a line is refused`, () => {
    const journal = fresh()
    assert.throws(() => journal.append('a\nb'), RangeError)
    assert.deepEqual([...journal.lines()], [])
  })
}
