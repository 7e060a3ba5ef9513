import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { Failure, Stopped } from '#port/failure'
import { Output } from '#tool/output'

/** A stream that takes a write at once and tells how it went a tick later, as stdout into a pipe does. */
const telling = (error?: NodeJS.ErrnoException): Writable =>
  new Writable({ write: (_chunk, _encoding, done) => process.nextTick(() => done(error)) })
const errorOf = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code })

test('what a reader that has gone did not get does not count as flushed', async () => {
  const output = new Output(telling(errorOf('EPIPE')), 'turn')
  output.write('a line')
  await assert.rejects(output.flushed(), Stopped)
  assert.ok(output.closed)
})

test('a full disk is a failure to write', async () => {
  const output = new Output(telling(errorOf('ENOSPC')), 'block')
  output.write('a line')
  await assert.rejects(output.finished(), (error) => error instanceof Failure && error.exit === 'output')
})

test('all that was written before is out', async () => {
  const output = new Output(telling(), 'line')
  for (let n = 0; n < 100; n++) output.write(`line ${n}`)
  await output.flushed()
  await output.flushed()
})
