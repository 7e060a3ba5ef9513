/** The orchestrator as a process: a fresh home, the same slot again, stopped and killed in the midst of a run. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Control, Vanta } from '#record'
import { formatNode, NODE_FILE } from '#domain/node/home'
import { recordsIn, runTool, startTool, type Process } from '../service/process.ts'

const homes: string[] = []
const started: Process[] = []
after(() => {
  for (const { child } of started) child.kill('SIGKILL')
  for (const home of homes) rmSync(home, { recursive: true, force: true })
})

function watching(home: string, job: string): Process {
  const going = startTool('vanta-orchestrator', ['--role', 'markets', '--watch', '--job', job], { VANTA_HOME: home })
  started.push(going)
  return going
}

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'vanta-orchestra-'))
  homes.push(home)
  return home
}

const NOW = '2021-01-15T15:07:00Z'
const isSlot = (record: Vanta): record is Control => record.kind === 'control' && record.type === 'slot'
/** `graph done 2021-01-15T14:50`. */
const slotsIn = (text: string): string[] => recordsIn(text).filter(isSlot).map(({ facts = {} }) =>
  [facts['job'], facts['outcome'], ...(typeof facts['slot'] === 'string' ? [facts['slot'].slice(0, 16)] : [])].join(' '))
const once = (home: string, role: string, job: string, now = NOW) =>
  runTool('vanta-orchestrator', ['--role', role, '--once', '--job', job, '--now', now], { VANTA_HOME: home })

/** Wait until it holds; a process that ended meanwhile will not make it so. */
async function until(holds: () => boolean, { ended, child }: Process): Promise<void> {
  const over = ended.then(({ err }) => err)
  while (!holds()) {
    if (child.exitCode !== null) assert.fail(await over)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('a fresh home: what is due is run once, what is not set up is counted, and the same slot again is nothing', async () => {
  const home = newHome(), first = await once(home, 'markets', 'news,refine,overlap,leaderboard,graph,checkpoint')
  assert.equal(first.status, 0, first.err)
  assert.deepEqual(slotsIn(first.out), [
    'news unconfigured 2021-01-15T15:03', 'refine done', 'overlap done 2021-01-14T22:15', 'leaderboard done 2021-01-14T22:30', 'graph done 2021-01-15T14:50',
    'checkpoint negative 2021-01-15T14:55',
  ])
  assert.match(first.err, /6 jobs: 4 done, 1 with a negative answer, 1 not set up/)
  assert.match(first.err, /news: unconfigured \(2\): vanta-news: --feed says which feeds/)
  assert.equal(readFileSync(join(home, 'logs', 'slots.ndjson'), 'utf8'), first.out)
  // What was not set up is tried again for whoever asks; a stream has no slots.
  const second = await once(home, 'markets', 'news,refine,overlap,leaderboard,graph,checkpoint')
  assert.deepEqual(slotsIn(second.out), ['news unconfigured 2021-01-15T15:03', 'refine done'])
  assert.match(second.err, /4 not due/)
  const later = await once(home, 'markets', 'graph', '2021-01-15T16:51:00Z')
  assert.deepEqual(slotsIn(later.out).length, 2)
  assert.deepEqual(slotsIn(later.out), ['graph missed', 'graph done 2021-01-15T16:50'])
})

test('a run that was cut off is begun once more, for the same slot', async () => {
  const home = newHome()
  await once(home, 'markets', 'graph')
  const file = join(home, 'memory', 'slot_markets_graph.json'), kept = JSON.parse(readFileSync(file, 'utf8')) as { readonly [field: string]: unknown }
  writeFileSync(file, JSON.stringify({ ...kept, open: { slot: kept['through'], attempts: 1, state: 'begun', at: '2021-01-15T15:07:00.000Z' } }))
  const again = await once(home, 'markets', 'graph')
  assert.deepEqual(slotsIn(again.out), ['graph done 2021-01-15T14:50'])
  const [record] = recordsIn(again.out).filter(isSlot)
  assert.equal(record?.facts?.['attempt'], 2)
  writeFileSync(file, JSON.stringify({ ...kept, open: 'begun' }))
  const spoilt = await once(home, 'markets', 'graph')
  assert.deepEqual([spoilt.status, /slot_markets_graph.json/.test(spoilt.err)], [65, true])
})

test('the executor is refused where orders are halted, and nothing is counted as failed; alone it ends as its job did', async () => {
  const home = newHome(), { status, out, err } = await once(home, 'executor', 'trade,checkpoint')
  assert.equal(status, 0, err)
  assert.deepEqual(slotsIn(out), ['trade refused 2021-01-15T15:07', 'checkpoint negative 2021-01-15T14:55'])
  const alone = await once(home, 'executor', 'trade')
  assert.deepEqual([alone.status, slotsIn(alone.out)], [0, ['trade refused 2021-01-15T15:07']], alone.err)
  assert.equal((await once(newHome(), 'executor', 'verify')).status, 1)
  assert.deepEqual((await once(home, 'executor', 'checkpoint')).status, 0)
})

test('a job that fails is a feed that is down, and the run ends with 1', async () => {
  const home = newHome()
  writeFileSync(join(home, 'memory'), 'in the way')
  const { status, out, err } = await runTool('vanta-orchestrator', ['--role', 'markets', '--once', '--job', 'graph', '--now', NOW], { VANTA_HOME: home })
  assert.ok(status !== 0 && out === '', err)
  rmSync(join(home, 'memory'))
  const refused = await runTool('vanta-orchestrator', ['--role', 'markets', '--once', '--job', 'calendar,graph', '--now', NOW], {
    VANTA_HOME: home, VANTA_ENDPOINT_CALENDAR: 'http://127.0.0.1:9', VANTA_CALENDAR_RETRIES: '0',
  })
  assert.equal(refused.status, 1, refused.err)
  assert.deepEqual(slotsIn(refused.out), ['calendar failed 2021-01-15T12:10', 'graph done 2021-01-15T14:50'])
  const health = recordsIn(refused.out).filter((record) => record.kind === 'health')
  assert.deepEqual(health.map(({ stream, state }) => [stream, state]), [['job:markets/calendar', 'down']])
})

test('down and live again are said where they turn, by whichever process', async () => {
  const home = newHome(), broken = join(home, 'logs', 'graph.ndjson')
  mkdirSync(broken, { recursive: true })
  const states: unknown[] = []
  for (const turn of ['fails', 'fails', 'mended', 'goes on']) {
    if (turn === 'mended') rmSync(broken, { recursive: true })
    const now = turn === 'goes on' ? '2021-01-15T16:07:30Z' : NOW
    const { out } = await runTool('vanta-orchestrator', ['--role', 'markets', '--once', '--job', 'graph', '--now', now], { VANTA_HOME: home })
    states.push(recordsIn(out).flatMap((record) => (record.kind === 'health' ? [record['state']] : [])))
  }
  assert.deepEqual(states, [['down'], [], ['live'], []])
})

test('watching: it runs what is due, and a stop reaches its tools and waits for them', async () => {
  const home = newHome()
  const going = watching(home, 'refine,graph')
  const group = join(home, 'bus', 'signals~markets-refine.group')
  await until(() => slotsIn(going.out()).some((line) => line.startsWith('graph done')) && existsSync(group), going)
  // Another for the same home finds both held, or done.
  const other = await runTool('vanta-orchestrator', ['--role', 'markets', '--once', '--job', 'refine,graph'], { VANTA_HOME: home })
  assert.match(other.err, /1 run by another process/)
  assert.equal(other.status, 0)
  going.child.kill('SIGTERM')
  const { status, err } = await going.ended
  assert.equal(status, 143, err)
  // Nobody holds the stream any more: who comes next has it at once.
  const next = await runTool('vanta-orchestrator', ['--role', 'markets', '--once', '--job', 'refine'], { VANTA_HOME: home })
  assert.deepEqual([next.status, /refine: done/.test(next.err)], [0, true])
})

test('killed with its slot begun, the next one runs it over', async () => {
  const home = newHome(), file = join(home, 'memory', 'slot_markets_graph.json')
  const going = watching(home, 'graph')
  await until(() => existsSync(file), going)
  going.child.kill('SIGKILL')
  await going.ended
  const next = await runTool('vanta-orchestrator', ['--role', 'markets', '--once', '--job', 'graph'], { VANTA_HOME: home })
  assert.equal(next.status, 0, next.err)
  const whole = slotsIn(readFileSync(join(home, 'logs', 'slots.ndjson'), 'utf8')).filter((line) => line.startsWith('graph done'))
  assert.deepEqual(whole.length, new Set(whole).size)
  assert.ok(whole.length > 0)
})

test('of which node: told by the home, and no other than it says', async () => {
  const home = newHome(), run = (...words: readonly string[]) => runTool('vanta-orchestrator', words, { VANTA_HOME: home })
  assert.deepEqual((await run('--once')).status, 2)
  assert.deepEqual((await run('--once', '--role', 'market')).status, 2)
  assert.deepEqual((await run('--role', 'markets')).status, 2)
  assert.deepEqual((await run('--once', '--role', 'markets', '--job', 'trade')).status, 2)
  writeFileSync(join(home, NODE_FILE), formatNode({ role: 'alpha', bus: 'redis' }))
  assert.equal((await run('--once', '--role', 'executor')).status, 77)
  const dry = await run('--dry-run', '--job', 'allocate', '--now', NOW)
  assert.equal(dry.out, '2021-01-15T15:06:00.000Z  vanta fuse --pipeline pipelines/allocate.pipe --once --in redis:convictions --group alpha-allocate --out redis:allocations\n')
  assert.deepEqual(readdirSync(home), [NODE_FILE])
  const both = await runTool('vanta-orchestrator', ['list', '--role', 'markets,alpha,executor', '--now', NOW], { VANTA_HOME: newHome() })
  assert.equal(both.out.split('\n').filter((line) => / checkpoint /.test(line)).length, 1)
})
