import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { Failure, Stopped } from '#port/failure'
import { Output } from '#tool/output'

/** As pipes are on Linux: the write is done, or has failed, when it returns. */
const failing = (code: string): Writable => new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) })

test('a write that failed is known to whoever waits for it, before the stream has said so', async () => {
  const gone = new Output(failing('EPIPE'), 'turn')
  gone.write('{}')
  await assert.rejects(gone.flushed(), Stopped)
  const full = new Output(failing('ENOSPC'), 'turn')
  full.write('{}')
  await assert.rejects(full.flushed(), (error: unknown) => error instanceof Failure && error.exit === 'output')
})
