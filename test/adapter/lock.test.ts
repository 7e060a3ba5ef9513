import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { nodeDisk } from '#adapter/file/disk'
import { isHeld, takeLock } from '#adapter/file/lock'
import { failsWith } from '../port/store.suite.ts'

const freshLock = (): string => join(fs.mkdtempSync(join(tmpdir(), 'vanta-lock-')), 'x.lock')
const worker = fileURLToPath(new URL('./lock_worker.ts', import.meta.url))
const work = (lock: string, rounds: number): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', worker, lock, String(rounds)], { stdio: ['ignore', 'inherit', 'inherit'] })

test('held, free, held again: each time by the next number, and only one file stays', () => {
  const lock = freshLock(), folder = join(lock, '..', '.x.lock')
  for (let number = 1; number < 5; number++) {
    const release = takeLock(nodeDisk, lock, 0)
    assert.equal(isHeld(nodeDisk, lock), true)
    assert.throws(() => takeLock(nodeDisk, lock, 8), failsWith('again', new RegExp(`held by process ${process.pid}`)))
    assert.deepEqual(fs.readdirSync(folder), [String(number)])
    release()
    release()
    assert.equal(isHeld(nodeDisk, lock), false)
  }
})

test('whoever acts on an old look at the lock comes too late', () => {
  const lock = freshLock(), folder = join(lock, '..', '.x.lock')
  takeLock(nodeDisk, lock, 0)()
  takeLock(nodeDisk, lock, 0)()
  const release = takeLock(nodeDisk, lock, 0)
  // As one would that had seen number 1 as the last, and free: number 2 has gone since, so its name can be taken.
  fs.writeFileSync(join(folder, '2'), `${process.pid} -\n`)
  assert.equal(isHeld(nodeDisk, lock), true)
  assert.throws(() => takeLock(nodeDisk, lock, 0), failsWith('again'))
  release()
  takeLock(nodeDisk, lock, 0)()
  assert.deepEqual(fs.readdirSync(folder), ['4'])
})

test('processes that are killed while they hold the lock never let two others in', async () => {
  const lock = freshLock()
  const workers = Array.from({ length: 4 }, () => work(lock, 150)), victims: ChildProcess[] = []
  let isOver = false
  const done = Promise.all(workers.map((one) => once(one, 'close'))).then((codes) => {
    isOver = true
    return codes.map(([code]) => code as number)
  })
  while (!isOver) {
    const victim = work(lock, 100_000)
    victims.push(victim)
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 900))])
    victim.kill('SIGKILL')
  }
  assert.deepEqual(await done, [0, 0, 0, 0])
  assert.equal(fs.existsSync(`${lock}.violated`) ? fs.readFileSync(`${lock}.violated`, 'utf8') : 'never', 'never')
  assert.ok(victims.length >= 1)
})
