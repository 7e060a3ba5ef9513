import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Logs } from '#port/logs'
import { failsWith } from './store.suite.ts'

/** What every Logs does. `fresh` gives an empty one. */
export function logsSuite(name: string, fresh: () => Logs): void {
  const wholeOf = (logs: Logs, file: string): string => {
    const tape = logs.open(file)
    const whole = Buffer.alloc(tape.size() + 10)
    const got = tape.read(0, whole)
    tape.close()
    return whole.toString('utf8', 0, got)
  }

  test(`${name}: an unwritten tape is empty, and reading makes no file`, () => {
    const logs = fresh()
    assert.equal(logs.open('a').size(), 0)
    assert.equal(wholeOf(logs, 'a'), '')
    assert.deepEqual(logs.list(), [])
    assert.equal(logs.read('a'), undefined)
  })

  test(`${name}: appended bytes are read back at any place, queued or synced, by this tape and the next`, () => {
    const logs = fresh()
    const tape = logs.open('a')
    const bytes = Buffer.from('hello ')
    tape.append(bytes)
    bytes.fill(0)
    tape.append(Buffer.from('world'))
    assert.equal(tape.size(), 11)
    const part = Buffer.alloc(5)
    assert.equal(tape.read(6, part), 5)
    assert.equal(part.toString(), 'world')
    assert.equal(tape.read(11, part), 0)
    tape.sync()
    tape.close()
    const again = logs.open('a')
    again.append(Buffer.from('!'))
    again.close()
    assert.equal(wholeOf(logs, 'a'), 'hello world!')
  })

  test(`${name}: a tail set aside is kept beside the file, each under a name of its own`, () => {
    const logs = fresh()
    const tape = logs.open('a')
    tape.append(Buffer.from('line\ntorn'))
    tape.setAside(5)
    assert.equal(tape.size(), 5)
    tape.append(Buffer.from('torn2'))
    tape.setAside(5)
    tape.setAside(5)
    tape.append(Buffer.from('next\n'))
    tape.close()
    assert.equal(wholeOf(logs, 'a'), 'line\nnext\n')
    assert.equal(logs.read('a.torn-5')?.toString(), 'torn')
    assert.equal(logs.read('a.torn-5.2')?.toString(), 'torn2')
    assert.deepEqual(logs.list(), ['a', 'a.torn-5', 'a.torn-5.2'])
  })

  test(`${name}: small files are replaced whole, and files move into folders`, () => {
    const logs = fresh()
    logs.replace('c', 'one')
    logs.replace('c', 'two')
    assert.equal(logs.read('c')?.toString(), 'two')
    logs.move('c', 'archive/x/c')
    assert.equal(logs.read('c'), undefined)
    assert.equal(logs.read('archive/x/c')?.toString(), 'two')
    assert.throws(() => logs.move('c', 'archive/x/c'), failsWith('output'))
  })

  test(`${name}: small files stand in folders too, are listed there, and can be forgotten`, () => {
    const logs = fresh()
    logs.replace('t/0/001', Buffer.from([0, 255, 10]))
    logs.replace('t/0/000', 'x')
    logs.replace('t/1', 'y')
    assert.deepEqual(logs.read('t/0/001'), Buffer.from([0, 255, 10]))
    assert.deepEqual([logs.list('t/0'), logs.list('none')], [['000', '001'], []])
    logs.remove('t/0/000')
    logs.remove('t/0/000')
    assert.deepEqual([logs.read('t/0/000'), logs.list('t/0')], [undefined, ['001']])
  })

  test(`${name}: one holder of a lock at a time`, () => {
    const logs = fresh()
    assert.equal(logs.isLocked('audit'), false)
    const release = logs.lock('audit')
    assert.equal(logs.isLocked('audit'), true)
    assert.throws(() => logs.lock('audit'), failsWith('again'))
    release()
    assert.equal(logs.isLocked('audit'), false)
    logs.lock('audit')()
  })
}
