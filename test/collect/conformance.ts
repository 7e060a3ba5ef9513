/**
 * What every collector of a service does, whatever the service does: run as a process against a local stand-in that answers with the
 * given bytes and misbehaves. One test a misbehaviour; each ends with the same question: is anything lost?
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Signal } from '#record'
import { startService, type Misbehaviour, type Routes, type Service } from '../service/service.ts'
import { healthIn, runTool, heardIn, startTool, type Ended } from '../service/process.ts'

export interface Conformance {
  readonly tool: `vanta-${string}`
  /** Words besides those that every run has (--endpoint, --once, --credentials ...). */
  readonly words: readonly string[]
  /** The secrets file; its values must never show. */
  readonly credentials?: Readonly<Record<string, string>>
  /** What the healthy service answers, and more than once the same. At least one route has an `etag` if the service knows them. */
  readonly routes: Routes
  /** Requests whose answers carry signals: the ones that go wrong. Default: all. */
  readonly at?: RegExp
  /** Signals that a healthy run gives, at least. */
  readonly atLeast?: number
  /** Whether the service tells unchanged answers (ETag or Last-Modified). Default: where a route has such a header. */
  readonly conditional?: boolean
  /** Whether 404 for the data is a failure (69), an answer (0), or a matter of set-up (78). Default 69. */
  readonly missing?: 0 | 69 | 78
  /** Whether 403 means credentials (78, the default) or something else for this service. */
  readonly forbidden?: number
  /** Whether a signal is the same whenever it is heard: counts as of the moment of asking are not. Default: all are. */
  readonly lasting?: (signal: Signal) => boolean
  /** An empty answer is broken (65, the default) or rightly without signals (0). */
  readonly empty?: 0 | 65
}

/** Short waits, since every failure is met several times; but a busy machine must not look like a silent service. */
const HASTE = ['--timeout', '30s', '--retries', '1', '--patience', '3s', '--max-response', '3000000']
/** For a service that is silent on purpose: for ever, or so that the next try is to be answered in time. */
const IMPATIENT = ['--timeout', '400ms'], LESS_PATIENT = ['--timeout', '3s']

/** Register the tests of one collector. */
export function conforms(of: Conformance): void {
  const { tool, at = /./ } = of
  let service: Service
  let scratch: string
  before(async () => {
    service = await startService(of.routes)
    scratch = mkdtempSync(join(tmpdir(), `${tool}-`))
  })
  after(async () => {
    await service.close()
    rmSync(scratch, { recursive: true, force: true })
  })

  let homes = 0
  const freshHome = (): string => join(scratch, `home-${++homes}`)
  const wordsFor = (): string[] => {
    const file = join(scratch, 'credentials')
    if (of.credentials !== undefined) writeFileSync(file, JSON.stringify(of.credentials), { mode: 0o600 })
    return [
      ...of.words, '--endpoint', service.endpoint, '--once', '--contact', 'Test Desk desk@example.com', ...HASTE,
      ...(of.credentials === undefined ? [] : ['--credentials', file]),
    ]
  }
  const run = (home: string, ...more: string[]): Promise<Ended> => runTool(tool, [...wordsFor(), ...more], { VANTA_HOME: home })
  const idsIn = (out: string): Set<string> => 
    new Set(heardIn(out).filter((heard) => heard.kind !== 'signal' || (of.lasting?.(heard) ?? true)).map(({ id }) => id))

  let healthy: Set<string> | undefined
  /** The ids of a run in which nothing goes wrong. */
  async function whole(): Promise<Set<string>> {
    if (healthy !== undefined) return healthy
    service.reset()
    const { status, out, err } = await run(freshHome())
    assert.equal(status, 0, err)
    return (healthy = idsIn(out))
  }

  /** After a run that went wrong: a healthy one in the same home gives what that one did not. */
  async function nothingIsLost(home: string, before: string): Promise<void> {
    service.reset()
    const { status, out, err } = await run(home)
    assert.equal(status, 0, err)
    assert.deepEqual([...new Set([...idsIn(before), ...idsIn(out)])].sort(), [...await whole()].sort())
  }

  const matches = (url: string): boolean => at.test(url)
  /** The first request for data goes wrong, or all of them. */
  const wrong = (how: Misbehaviour, times = Infinity): Service['misbehave'] => {
    let met = 0
    return ({ url }) => (matches(url) && ++met <= times ? how : undefined)
  }

  /** All go wrong: the status, and nothing lost afterwards. */
  async function fails(how: Misbehaviour, status: number, message?: RegExp): Promise<Ended> {
    await whole()
    service.reset()
    service.misbehave = wrong(how)
    const home = freshHome()
    const ended = await run(home, ...(how.kind === 'silent' || how.kind === 'drip' ? IMPATIENT : []))
    assert.equal(ended.status, status, ended.err)
    if (message !== undefined) assert.match(ended.err, message)
    assert.ok(!/internal error|at .*\.cjs:/.test(ended.err), ended.err)
    // A service that asked for peace is left in peace by the next run too: a new home has not heard it.
    if (status !== 75) await nothingIsLost(home, ended.out)
    return ended
  }
  /** The first goes wrong, the next try does not: as if nothing had been. */
  async function recovers(how: Misbehaviour): Promise<void> {
    const expected = await whole()
    service.reset()
    service.misbehave = wrong(how, 1)
    const { status, out, err } = await run(freshHome(), ...(how.kind === 'silent' ? LESS_PATIENT : []))
    assert.equal(status, 0, err)
    assert.deepEqual([...idsIn(out)].sort(), [...expected].sort())
  }

  test(`${tool}: 200: signals, lag as a record, payloads kept and named, and nothing twice`, async () => {
    service.reset()
    const home = freshHome()
    const first = await run(home)
    assert.equal(first.status, 0, first.err)
    const signals = heardIn(first.out)
    assert.ok(signals.length >= (of.atLeast ?? 1), `only ${signals.length} signals\n${first.err}`)
    assert.equal(new Set(signals.map(({ id }) => id)).size, signals.length, 'an id twice')
    assert.equal(healthIn(first.out).filter(({ stream, state }) => state === 'live' && stream !== '').length >= 1, true, 'no health record')
    const kept = keptIn(home)
    for (const { raw } of signals as { raw?: string }[]) assert.ok(raw !== undefined && kept.has(raw), `payload ${raw} is not kept`)
    for (const { headers } of service.asked) assert.match(String(headers['user-agent']), /vanta|Vanta/)
    const again = await run(home)
    assert.equal(again.status, 0, again.err)
    assert.deepEqual([...idsIn(again.out)].filter((id) => idsIn(first.out).has(id)), [], 'said again')
  })

  test(`${tool}: --again reads the kept payloads to the same ids`, async () => {
    service.reset()
    const home = freshHome()
    const first = await run(home)
    const again = await runTool(tool, [...of.words, '--again'], { VANTA_HOME: home })
    assert.equal(again.status, 0, again.err)
    assert.deepEqual([...idsIn(again.out)].sort(), [...idsIn(first.out)].sort())
  })

  test(`${tool}: secrets show nowhere`, { skip: of.credentials === undefined ? 'asks without secrets' : false }, async () => {
    service.reset()
    const home = freshHome()
    const ended = [await run(home, '--verbose')]
    service.misbehave = wrong({ kind: 'status', status: 500, body: 'no' })
    ended.push(await run(home, '--verbose'))
    service.misbehave = wrong({ kind: 'status', status: 401, body: JSON.stringify({ error: 'denied' }) })
    ended.push(await run(home, '--verbose'))
    for (const [key, secret] of Object.entries(of.credentials ?? {})) {
      if (secret.length < 8) continue
      for (const { out, err } of ended) assert.ok(!`${out}${err}`.includes(secret), `${key} is in the output`)
      for (const file of filesBelow(home)) assert.ok(!readFileSync(file).includes(secret), `${key} is in ${file}`)
    }
  })

  test(`${tool}: a credentials file that others may read is refused with 78`, { skip: of.credentials === undefined ? 'asks without secrets' : false }, async () => {
    service.reset()
    const file = join(scratch, 'open-credentials')
    writeFileSync(file, JSON.stringify(of.credentials), { mode: 0o644 })
    const { status, err } = await run(freshHome(), '--credentials', file)
    assert.equal(status, 78, err)
    assert.equal(service.asked.length, 0)
  })

  const knowsValidators = of.conditional ?? Object.values(of.routes).some((route) => typeof route !== 'function' && route.headers?.['etag'] !== undefined)
  test(`${tool}: 304: nothing new is no failure`, { skip: knowsValidators ? false : 'its service tells nothing unchanged' }, async () => {
    service.reset()
    const home = freshHome()
    await run(home)
    service.reset()
    const { status, out, err } = await run(home)
    assert.equal(status, 0, err)
    assert.deepEqual([...idsIn(out)], [])
    assert.ok(service.asked.some(({ headers }) => headers['if-none-match'] !== undefined || headers['if-modified-since'] !== undefined), 'asked without conditions')
  })

  test(`${tool}: 429 with Retry-After is waited for`, () => recovers({ kind: 'status', status: 429, headers: { 'retry-after': '1' }, body: '{}' }))
  test(`${tool}: 429 without Retry-After is tried again later`, () => recovers({ kind: 'status', status: 429, body: 'slow down' }))
  test(`${tool}: a Retry-After beyond patience ends with 75, and the next process of the home does not ask either`, async () => {
    const ended = await fails({ kind: 'status', status: 429, headers: { 'retry-after': '600' }, body: '{}' }, 75, /HTTP 429|budget/)
    assert.ok(ended.status === 75)
    service.reset()
    const home = freshHome()
    service.misbehave = wrong({ kind: 'status', status: 429, headers: { 'retry-after': '600' } })
    await run(home)
    service.reset()
    const next = await run(home)
    assert.equal(next.status, 75, next.err)
    assert.equal(service.asked.length, 0, 'asked although the service wanted peace')
  })
  test(`${tool}: 401 is a matter of credentials: 78`, async () => {
    await fails({ kind: 'status', status: 401, body: '{"error":"unauthorized"}' }, 78, /HTTP 401/)
  })
  test(`${tool}: 403 too`, async () => {
    await fails({ kind: 'status', status: 403, body: 'forbidden' }, of.forbidden ?? 78)
  })
  test(`${tool}: 404`, async () => {
    await fails({ kind: 'status', status: 404, body: 'gone' }, of.missing ?? 69)
  })
  test(`${tool}: 500 for ever is 69`, async () => {
    await fails({ kind: 'status', status: 500, body: 'oops' }, 69, /HTTP 500/)
  })
  test(`${tool}: 503 once is tried again`, () => recovers({ kind: 'status', status: 503, body: '' }))
  test(`${tool}: no answer within the time-out is 69`, async () => {
    await fails({ kind: 'silent' }, 69, /no answer within/)
  })
  test(`${tool}: no answer once is tried again`, () => recovers({ kind: 'silent' }))
  test(`${tool}: a cut connection is 69`, async () => {
    await fails({ kind: 'cut' }, 69)
  })
  test(`${tool}: a cut connection once is tried again`, () => recovers({ kind: 'cut' }))
  test(`${tool}: a slow drip does not hold it`, async () => {
    await fails({ kind: 'drip' }, 69)
  })
  test(`${tool}: an empty answer is ${of.empty === 0 ? 'nothing new' : 'bad data: 65'}`, async () => {
    await fails({ kind: 'empty' }, of.empty ?? 65)
  })
  test(`${tool}: an answer beyond the limit is bad data: 65`, async () => {
    await fails({ kind: 'huge' }, 65, /larger than/)
  })
  test(`${tool}: a page where data should be is bad data: 65`, async () => {
    await fails({ kind: 'page' }, 65)
  })
  test(`${tool}: packing cut short is bad data: 65`, async () => {
    await fails({ kind: 'torn_gzip' }, 65)
  })
  test(`${tool}: a redirect off its hosts is refused: 77`, async () => {
    const elsewhere = await startService({ '/': { body: 'secret' } })
    try {
      await fails({ kind: 'redirect', location: `${elsewhere.endpoint}/latest/meta-data` }, 77, /no address of this service/)
      await fails({ kind: 'redirect', location: 'file:///etc/passwd' }, 77)
      assert.equal(elsewhere.asked.length, 0, 'it followed')
    } finally {
      await elsewhere.close()
    }
  })

  test(`${tool}: SIGTERM or SIGKILL at every request: nothing is lost, repeats have the same ids`, async () => {
    await whole()
    service.reset()
    await run(freshHome())
    const requests = service.asked.length
    const places = requests <= 4 ? Array.from({ length: requests }, (_, i) => i + 1) : [1, 2, Math.ceil(requests / 2), requests]
    for (const place of places) {
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        service.reset()
        const home = freshHome()
        const reached = new Promise<void>((resolve) => {
          service.misbehave = (_, nth) => {
            if (nth < place) return undefined
            resolve()
            return { kind: 'silent' }
          }
        })
        const child = startTool(tool, [...wordsFor(), '--timeout', '30s'], { VANTA_HOME: home })
        await Promise.race([reached, child.ended])
        child.child.kill(signal)
        const { status, out, err } = await child.ended
        assert.equal(status, signal === 'SIGTERM' ? 143 : 137, err)
        await nothingIsLost(home, wholeLines(out))
      }
    }
  })

  test(`${tool}: a reader that leaves takes nothing with it`, async () => {
    const expected = await whole()
    service.reset()
    const home = freshHome()
    const child = startTool(tool, wordsFor(), { VANTA_HOME: home })
    child.child.stdout?.destroy()
    const { status, err } = await child.ended
    assert.ok(status === 0, `status ${status}: ${err}`)
    service.reset()
    const { out } = await run(home)
    assert.deepEqual([...idsIn(out)].sort(), [...expected].sort())
  })
}

/** A process that is killed may leave half a line. */
const wholeLines = (out: string): string => out.slice(0, out.lastIndexOf('\n') + 1)

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}

/** Content ids of the payloads that a home has kept. */
function keptIn(home: string): Set<string> {
  return new Set(filesBelow(join(home, 'logs', 'raw')).filter((file) => file.endsWith('.gz')).map((file) => file.slice(file.lastIndexOf('/') + 1, -3)))
}
