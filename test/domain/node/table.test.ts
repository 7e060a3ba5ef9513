/** The one table: every tool has its place, every job needs only what its role has, and what follows from it says the same. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CAPABILITIES, ROLES, STREAMS, STREAM_NAMES, allows, lacks, rolesOf } from '#domain/node/role'
import { covers } from '#domain/node/capability'
import { actNames, needsOf } from '#domain/node/needs'
import { JOBS, jobsOf } from '#domain/node/jobs'
import { capabilitiesOf, commandOf, isNetworked, placeOf, secretsOf } from '#domain/node/job'
import { kafkaAccessOf, kafkaAclWords, redisAclOf } from '#domain/node/access'
import { parseArgv } from '#tool/argv'
import { parsePipeline } from '#tool/pipeline'
import { actOf } from '#tool/verb'
import { allTools, findTool, loadTool } from '../../../src/tools.ts'

test('every tool and verb may run on some node, but for those that take up a whole home', () => {
  assert.deepEqual(actNames.filter((name) => rolesOf(name).length === 0), ['vanta-backtest', 'vanta-backtest sweep'])
})

test('what no node but one may do', () => {
  const only = (wanted: Parameters<typeof allows>[1]): readonly string[] => ROLES.filter((role) => allows(role, wanted))
  assert.deepEqual(only('broker'), ['executor'])
  assert.deepEqual(only('keys:vault'), ['alpha'])
  assert.deepEqual(only('service:reddit'), ['markets'])
  assert.deepEqual(only('write:allocations'), ['alpha'])
  assert.deepEqual(only('write:fills'), ['executor'])
  assert.deepEqual(only('memory:ledger.json'), ['executor'])
  assert.deepEqual([only('features'), only('serve:features'), only('ask:features')], [['markets'], ['markets'], ['alpha', 'markets']])
  assert.deepEqual(only('keys:node'), ROLES)
  assert.deepEqual(rolesOf('vanta-exec'), ['executor'])
  assert.deepEqual(rolesOf('vanta-vault allocate'), ['alpha'])
  assert.deepEqual(rolesOf('vanta-reddit'), ['markets'])
  assert.deepEqual(rolesOf('vanta-decay'), ROLES)
  assert.equal(lacks('markets', 'vanta-unknown'), undefined)
  assert.deepEqual(lacks('markets', 'vanta-exec reconcile'), ['broker'])
})

test('a capability that ends with * stands for all that begin like it, and for nothing else', () => {
  assert.ok(covers(['service:*'], 'service:reddit') && covers(['memory:cursor_*'], 'memory:cursor_*') && covers(['service:*'], 'service:r*'))
  assert.ok(!covers(['memory:cursor_x'], 'memory:cursor_*') && !covers(['memory:cursor_*'], 'memory:curs') && !covers(['broker'], 'secret:broker'))
})

test('a job needs only what its role has, and its name is its own', () => {
  for (const job of JOBS) assert.deepEqual(capabilitiesOf(job).filter((one) => !allows(job.role, one)), [], `${job.role} ${job.name}`)
  for (const role of ROLES) {
    const names = jobsOf(role).map(({ name }) => name)
    assert.deepEqual(names, [...new Set(names)])
    for (const name of names) assert.match(name, /^[a-z]+$/)
  }
})

test('the tools of a job are those of its command, or of its pipeline', async () => {
  for (const { name, command: [tool = '', ...words], acts } of JOBS) {
    const found = actOf(await loadTool(tool), words)
    assert.ok(found !== undefined, `${name}: ${tool} ${words.join(' ')}`)
    const pipeline = words[words.indexOf('--pipeline') + 1] ?? ''
    if (found.act.name !== 'vanta fuse') {
      assert.deepEqual(acts, [found.act.name])
      continue
    }
    const steps = parsePipeline(readFileSync(pipeline, 'utf8'), pipeline)
    assert.deepEqual(acts, await Promise.all(steps.map(async (step) => actOf(await loadTool(step.tool), step.words)?.act.name)))
  }
})

test('every command line is one that its tool understands, with its streams', async () => {
  for (const job of JOBS) {
    for (const bus of ['file', 'redis', 'kafka'] as const) {
      const [tool = '', ...words] = commandOf(job, bus), found = actOf(await loadTool(tool), words)
      assert.ok(found !== undefined)
      const { common } = await parseArgv(found.act, found.rest, {}, {})
      assert.equal(common.in, job.reads === undefined ? undefined : `${placeOf(job.reads, bus)}:${job.reads}`, job.name)
      assert.equal(common.out, job.writes === undefined ? undefined : `${placeOf(job.writes, bus)}:${job.writes}`, job.name)
      // A timer ends by itself.
      if (job.reads !== undefined) assert.equal(common.once, job.kind === 'timer', job.name)
    }
  }
})

test('every stream has a writer, and a reader on the node that the loop says', () => {
  for (const stream of STREAM_NAMES) {
    assert.ok(JOBS.some(({ writes }) => writes === stream), `nobody writes ${stream}`)
    assert.ok(JOBS.some(({ reads }) => reads === stream), `nobody reads ${stream}`)
  }
})

test('every collector has a job, and secrets go only to whom they are for', async () => {
  const collectors = (await allTools()).filter(({ kind, name }) => kind === 'collector' && name !== 'vanta-replay').map(({ name }) => name as string)
  assert.deepEqual(collectors.filter((name) => !jobsOf('markets').some(({ acts }) => acts.includes(name))), [])
  for (const job of JOBS) {
    for (const name of secretsOf(job)) {
      assert.ok(allows(job.role, `secret:${name}`), `${job.name} ${name}`)
      if (name.startsWith('vanta-')) assert.deepEqual(job.acts, [name])
    }
  }
  const trade = JOBS.find(({ name }) => name === 'trade'), reddit = JOBS.find(({ name }) => name === 'reddit')
  assert.ok(trade !== undefined && reddit !== undefined)
  assert.deepEqual(secretsOf(trade).includes('alpaca'), true)
  assert.deepEqual(secretsOf(reddit), ['vanta-reddit', 'bus'])
})

test('only jobs with a service, a broker or a server of streams leave the machine', () => {
  const without = JOBS.filter((job) => !isNetworked(job, 'file')).map(({ role, name }) => `${role} ${name}`)
  assert.ok(without.includes('alpha allocate') && without.includes('markets convict') && !without.includes('markets reddit') && !without.includes('executor trade'))
  const still = JOBS.filter((job) => !isNetworked(job, 'redis')).map(({ name }) => name)
  assert.ok(!still.includes('allocate') && still.includes('verify'))
})

test('features are served by the server that the nodes have in common where it is Redis, and stay in the home where it is none', () => {
  const job = JOBS.find(({ name }) => name === 'features')
  assert.ok(job !== undefined)
  assert.deepEqual(commandOf(job, 'redis'), ['vanta-features', 'materialize', '--to', 'redis:features'])
  assert.deepEqual(commandOf(job, 'kafka'), ['vanta-features', 'materialize'])
  assert.deepEqual((['file', 'redis', 'kafka'] as const).map((bus) => isNetworked(job, bus)), [false, true, false])
  assert.deepEqual([secretsOf(job), ROLES.filter((role) => allows(role, 'secret:s3'))], [['s3', 'bus'], ['alpha', 'markets']])
  assert.deepEqual([isNetworked(job, 'file'), isNetworked(job, 'file', true)], [false, true], 'a bucket is elsewhere')
})

test('a secret that a tool is named for belongs to a tool that is there', async () => {
  for (const job of JOBS) for (const name of secretsOf(job)) if (name.startsWith('vanta-')) assert.ok(await findTool(name) !== undefined, name)
})

test('access to servers of streams is that of the role, no more and no less', () => {
  for (const role of ROLES) {
    const hash = 'a'.repeat(64), line = redisAclOf(role, hash)
    assert.ok(line.startsWith(`user vanta-${role} on #${hash} resetchannels -@all `) && !line.includes('\n'))
    for (const stream of STREAMS) {
      const reads = allows(role, `read:${stream}`), writes = allows(role, `write:${stream}`)
      const selectors = [...line.matchAll(/\(([^)]*)\)/g)].map(([, text = '']) => text).filter((text) => text.includes(`~{${stream}}:*`))
      assert.equal(selectors.some((text) => text.includes('+xreadgroup')), reads, `${role} reads ${stream}`)
      assert.equal(selectors.some((text) => text.includes('+xadd')), writes, `${role} writes ${stream}`)
      const operations = kafkaAccessOf(role).filter(({ resource, name }) => resource === 'topic' && (name === stream || name === `${stream}.`)).flatMap((one) => one.operations)
      assert.deepEqual([operations.includes('Read'), operations.includes('Write')], [reads, writes], `${role} ${stream}`)
    }
    assert.doesNotMatch(line + JSON.stringify(kafkaAccessOf(role)), /guarded/, 'what stays in the home is on no server')
    for (const entry of kafkaAccessOf(role)) assert.ok(kafkaAclWords(entry).includes(`User:vanta-${role}`))
  }
})

test('nothing is granted that nothing needs', () => {
  // Asked for by options, or by what is not a tool: the server of streams, what a model words, the schedule itself.
  const besides = ['read:', 'write:', 'secret:', 'logs:rejects', 'memory:vault_keys.json']
  for (const role of ROLES) {
    const needed = actNames.filter((act) => rolesOf(act).includes(role)).flatMap((act) => needsOf(act) ?? [])
    const idle = CAPABILITIES[role].filter((one) => !besides.some((prefix) => one.startsWith(prefix)) && !needed.some((need) => covers([one], need)))
    assert.deepEqual(idle, [], role)
  }
})
