/** Measurements: the format against a parser written from its definition, and against the one that Python programs use; and how they are served. */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { exposition, type Family } from '#domain/operate/exposition'

const root = join(import.meta.dirname, '..', '..')
const home = mkdtempSync(join(tmpdir(), 'vanta-metrics-'))
after(() => rmSync(home, { recursive: true, force: true }))
const env = { ...process.env, VANTA_HOME: home, PATH: `${join(root, 'bin')}:${process.env['PATH']}` }

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,10}$/)
const sample = fc.record({
  labels: fc.dictionary(name, fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => `${text}\\"\n`), { maxKeys: 3, noNullPrototype: true }),
  value: fc.double(),
})
const families: fc.Arbitrary<readonly Family[]> = fc.uniqueArray(fc.record({
  name, type: fc.constantFrom('gauge' as const, 'counter' as const), help: fc.string().map((text) => `${text}\\ \n`), samples: fc.array(sample, { maxLength: 3 }),
}), { selector: (family) => family.name, maxLength: 4 })

/** By the definition: a line is a comment or a sample; in help \\ and \n are escaped, in labels " too. */
function parsed(text: string): unknown[] {
  assert.ok(text === '' || text.endsWith('\n'))
  const unescaped = (escaped: string): string => escaped.replace(/\\(.)/gs, (_, c: string) => (c === 'n' ? '\n' : c))
  const found: { name: string; type: string; help: string; samples: unknown[] }[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    const help = /^# HELP (\S+) (.*)$/s.exec(line), type = /^# TYPE (\S+) (\S+)$/.exec(line)
    if (help !== null) found.push({ name: help[1] ?? '', type: '', help: unescaped(help[2] ?? ''), samples: [] })
    else if (type !== null) Object.assign(found.at(-1) ?? {}, { type: type[2] })
    else {
      const [, named, labels = '', value = ''] = /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-z_]\w*="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)$/.exec(line) ?? assert.fail(line)
      assert.equal(named, found.at(-1)?.name)
      const pairs = [...labels.matchAll(/([a-z_]\w*)="((?:[^"\\\n]|\\.)*)"/g)].map(([, label = '', said = '']) => [label, unescaped(said)])
      found.at(-1)?.samples.push({ labels: Object.fromEntries(pairs), value: value === '+Inf' ? Infinity : value === '-Inf' ? -Infinity : Number(value) })
    }
  }
  return found
}

test('law: what is written is what a reader of the format reads', () => {
  fc.assert(fc.property(families, (all) => {
    assert.deepEqual(parsed(exposition(all)), all.filter(({ samples }) => samples.length > 0).map((family) =>
      ({ ...family, samples: family.samples.map(({ labels, value }) => ({ labels: { ...labels }, value: value === 0 ? 0 : value })) })))
  }))
})

test('no name twice, and none that is no name', () => {
  const one: Family = { name: 'x', type: 'gauge', help: 'X.', samples: [{ value: 1 }] }
  assert.throws(() => exposition([one, one]), RangeError)
  assert.throws(() => exposition([{ ...one, name: '1x' }]), RangeError)
  assert.throws(() => exposition([{ ...one, samples: [{ labels: { __x: '' }, value: 1 }] }]), RangeError)
})

const required = (process.env['VANTA_REQUIRE'] ?? '').split(',').includes('prometheus_client')
const hasClient = spawnSync('python3', ['-c', 'import prometheus_client']).status === 0
test('the client library for Python reads the same', { skip: !required && !hasClient ? 'python3 with prometheus_client is not installed here' : false }, () => {
  const program = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families
for text in json.load(sys.stdin):
    told = [[f.name, f.type, [[s.name, s.labels, repr(float(s.value))] for s in f.samples]] for f in text_string_to_metric_families(text)]
    print(json.dumps(told))
`
  // The library splits labels at what only looks like their end inside of values: a closing brace.
  const texts = fc.sample(families, { numRuns: 40, seed: 7 }).map((all) => exposition(all.map((family) => ({ ...family, name: `${family.name}_x` })))).filter((text) => !/[{}].*[{}].*[{}]/.test(text))
  const { stdout, stderr, status } = spawnSync('python3', ['-c', program], { input: JSON.stringify(texts), encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const read = stdout.trim().split('\n').map((line) => JSON.parse(line) as [string, string, unknown[]][])
  assert.equal(read.length, texts.length)
  for (const [i, told] of read.entries()) {
    const ours = parsed(texts[i] ?? '') as Family[]
    assert.deepEqual(told.map(([, , samples]) => samples.length), ours.map(({ samples }) => samples.length))
    assert.deepEqual(told.map(([, , samples]) => samples.map((one) => (one as unknown[])[1])), ours.map(({ samples }) => samples.map(({ labels }) => labels)))
  }
})

test('of a home: once, whole and well formed, with units in its names', () => {
  assert.equal(spawnSync('vanta-vault', ['init', 'core', '--cash', '1000'], { env }).status, 0)
  const { stdout, status } = spawnSync('vanta', ['metrics'], { env, encoding: 'utf8' })
  assert.equal(status, 0)
  const found = parsed(stdout) as Family[], byName = new Map(found.map((family) => [family.name, family]))
  assert.deepEqual(byName.get('vanta_vault_equity')?.samples, [{ labels: { vault: 'core', currency: 'USD' }, value: 1000 }])
  assert.deepEqual(byName.get('vanta_well')?.samples, [{ labels: {}, value: 1 }])
  for (const family of found) assert.ok(family.name.startsWith('vanta_') && !/_(ms|milliseconds|kb)$/.test(family.name), family.name)
})

/** A server, and where it said that it listens. */
async function listening(t: { after(work: () => void): void }, ...words: readonly string[]): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn('vanta', ['metrics', '--listen', ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()))
    child.once('exit', () => reject(new Error('it ended')))
  })
  return { child, url }
}

const ask = (url: string, method = 'GET'): Promise<{ status: number; type: string; text: string }> => new Promise((resolve, reject) => {
  http.request(url, { method }, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (part: string) => (text += part))
    response.on('end', () => resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }))
  }).once('error', reject).end()
})

test('served: on the loopback, anew for each who asks, to GET and HEAD alone; interrupted it ends', async (t) => {
  const { child, url } = await listening(t, '0')
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  const answers = await Promise.all([1, 2, 3].map(() => ask(url)))
  for (const { status, type, text } of answers) {
    assert.deepEqual([status, type], [200, 'text/plain; version=0.0.4; charset=utf-8'])
    assert.ok(parsed(text).length > 10)
  }
  assert.equal(spawnSync('vanta-overlay', ['kill', '--reason', 'drill'], { env }).status, 0)
  assert.match((await ask(url)).text, /^vanta_orders_halted 1$/m)
  assert.deepEqual(await ask(url, 'HEAD'), { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', text: '' })
  assert.equal((await ask(url, 'POST')).status, 405)
  assert.equal((await ask(url.replace('/metrics', '/'))).status, 404)
  const taken = spawnSync('vanta', ['metrics', '--listen', new URL(url).port], { env, encoding: 'utf8' })
  assert.equal(taken.status, 75)
  assert.match(taken.stderr, /another process listens there/)
  const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
  child.kill('SIGTERM')
  assert.equal(await ended, 'SIGTERM')
})

test('an address that is none is wrong usage', () => {
  for (const address of ['x', '70000', 'a:b:1', ':', '1.2.3.4:']) {
    assert.equal(spawnSync('vanta', ['metrics', '--listen', address], { env }).status, 2, address)
  }
})
