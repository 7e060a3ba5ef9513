/** Routers between Redis servers: one is killed and started anew, a target is away for a while; every target has what a filter would leave it, in order. */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatInstant, lineOf, make } from '#record'
import { runTool, startTool } from './process.ts'
import { redisServer } from './redis.ts'

const RECORDS = 6000, CHUNKS = 6
const SUBJECTS = ['ticker:A', 'ticker:B', 'coin:C', 'coin:D', 'ticker:E'] as const
const lines = Array.from({ length: RECORDS }, (_, i) => {
  const at = formatInstant(Date.UTC(2021, 0, 4) + i * 1000), subject = SUBJECTS[i % SUBJECTS.length] ?? SUBJECTS[0]
  return lineOf(make('signal', { at, known_at: at, source: 'test', by: 'test/0', type: i % 3 === 0 ? 'form4' : 'tvl', key: `k${i}`, subject }))
})
const isFiling = (i: number): boolean => i % 3 === 0, isCrypto = (i: number): boolean => i % 5 === 2 || i % 5 === 3
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const source = await redisServer(), target = await redisServer()
test('routers and a target that are killed: nothing is lost, nothing goes astray, keys keep their order', { skip: source.skip ?? false }, async () => {
  const env = { VANTA_HOME: mkdtempSync(join(tmpdir(), 'vanta-routers-')) }
  const at = (port: number, stream: string): string => `redis://127.0.0.1:${port}/${stream}`
  const filings = at(target.port, 'filings'), crypto = at(source.port, 'crypto'), rest = at(source.port, 'rest')
  const router = (): ReturnType<typeof startTool> => startTool('vanta-router', [
    '--in', at(source.port, 'all'), '--rule', `domain=filings -> ${filings}`, '--rule', `asset=crypto -> ${crypto}`, '--otherwise', rest, '--quiet',
  ], env)
  const copies = [router(), router()]
  const producer = startTool('vanta-beam', ['--to', at(source.port, 'all')], env, 'pipe')
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    producer.child.stdin?.write(lines.slice(chunk * RECORDS / CHUNKS, (chunk + 1) * RECORDS / CHUNKS).map((one) => `${one}\n`).join(''))
    await pause(200)
    if (chunk === 1) await target.kill()
    if (chunk === 2) {
      copies[0]?.child.kill('SIGKILL')
      await copies[0]?.ended
    }
    if (chunk === 3) await target.start()
    if (chunk === 4) copies[0] = router()
  }
  producer.child.stdin?.end()
  assert.equal((await producer.ended).status, 0)
  const heard = async (address: string): Promise<string[]> => {
    const { out } = await runTool('vanta-beam', ['--from', address, '--until', 'now'], env)
    return [...new Set(out.split('\n').filter((line) => line !== ''))]
  }
  for (const [address, is] of [[filings, isFiling], [crypto, isCrypto], [rest, (i: number) => !isFiling(i) && !isCrypto(i)]] as const) {
    const wanted = lines.filter((_, i) => is(i))
    let got: string[] = []
    for (let tries = 0; tries < 60 && got.length < wanted.length; tries++) {
      await pause(300)
      got = await heard(address)
    }
    assert.deepEqual([...got].sort(), [...wanted].sort(), address)
    for (const subject of SUBJECTS) {
      const of = (all: readonly string[]): string[] => all.filter((line) => line.includes(`"${subject}"`))
      assert.deepEqual(of(got), of(wanted), `order of ${subject} in ${address}`)
    }
  }
  for (const copy of copies) copy.child.kill('SIGTERM')
  for (const copy of copies) assert.ok([0, 143].includes((await copy.ended).status))
})
