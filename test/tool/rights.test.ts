/** Every forbidden act on every node: refused with 77 before anything is done, by the tool's own process and by what the runner hands out. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'
import type { Capability } from '#domain/node/capability'
import { formatNode, NODE_FILE, nodeIn } from '#domain/node/home'
import { actNames } from '#domain/node/needs'
import { CAPABILITIES, ROLES, STREAMS, allows, lacks, type Role } from '#domain/node/role'
import type { Bus } from '#port/bus'
import { Failure } from '#port/failure'
import { clockOf, closeAll, openBus, realSurroundings, worldOf, type Surroundings } from '#tool/world'
import { runTool } from '../service/process.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const silent = (): void => undefined
const homes: string[] = []
after(() => homes.forEach((home) => rmSync(home, { recursive: true, force: true })))

function homeOf(role: Role): string {
  const home = mkdtempSync(join(tmpdir(), 'vanta-rights-'))
  homes.push(home)
  writeFileSync(join(home, NODE_FILE), formatNode({ role, bus: 'file' }))
  return home
}

const around = (home: string): Surroundings => realSurroundings({
  clock: clockOf('2021-01-04T00:00:00Z'), seed: '1', ambient: '', home, root, log: () => ({ debug: silent, info: silent, warn: silent, error: silent }),
  print: silent, progress: silent, flushed: async () => undefined, signal: new AbortController().signal, credentialsFolder: undefined,
})

/** Every file below the home with what is in it. */
function contentsOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(readdirSync(folder, { withFileTypes: true, recursive: true })
    .flatMap((entry) => (entry.isFile() ? [[join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name), 'latin1')]] : [])))
}

async function exitOf(act: () => unknown): Promise<string> {
  try {
    await act()
    return 'done'
  } catch (error) {
    if (error instanceof Failure) return error.exit
    throw error
  }
}

/** All that some node has. */
const WANTED: readonly Capability[] = [...new Set(ROLES.flatMap((role) => CAPABILITIES[role]))].map((one) => one.replace('*', 'x') as Capability)

/** One way to use a capability, by what the runner hands out. */
function uses(capability: Capability, surroundings: Surroundings): () => unknown {
  // A tool that needs nothing, so that it is the use and not the tool that is refused; services are asked by their collector.
  const world = worldOf('vanta-decay', surroundings), [sort = '', which = ''] = capability.split(':')
  switch (sort) {
    case 'broker': return () => world.broker({ name: 'paper' } as Parameters<typeof world.broker>[0])
    case 'keys': return () => (which === 'vault' ? world.keys : world.nodeKeys).create('some', '2021-01-04T00:00:00Z')
    case 'memory': return () => world.store.write(which, { made: true }, 0)
    case 'logs': return () => {
      const journal = world.journal(which), tape = world.logs.open(which)
      const tries = [
        () => journal.append('x'), () => tape.append(Buffer.from('x')), () => tape.setAside(0), () => world.logs.replace(which, 'x'),
        () => world.logs.remove(which), () => world.logs.move(which, which),
      ]
      if (!allows(roleOf(surroundings), capability)) for (const one of tries) assert.throws(one, { exit: 'refused' })
      journal.append('x')
    }
    case 'secret': return () => world.outside.secrets(which, undefined)
    case 'service': return () => world.outside.http({
      service: { name: 'x', origins: [], rate: { requests: 1, perMs: 1 } }, endpoint: undefined, contact: undefined, timeoutMs: 1, maxBytes: 1, patienceMs: 1,
      retries: 0, socks: undefined, signal: new AbortController().signal,
    })
    case 'features': return async () => {
      const objects = world.objects(undefined)
      const tries = [() => objects.create('a', Buffer.from('x')), () => objects.write('a', Buffer.from('x')), () => objects.remove('a')]
      if (!allows(roleOf(surroundings), capability)) for (const one of tries) await assert.rejects(one, { exit: 'refused' })
      for (const one of tries) await one()
    }
    case 'ask': return async () => {
      const online = await world.online('embedded', world.objects(undefined))
      const tries = [() => online.about(), () => online.read('ticker:GME'), () => online.entities()]
      if (!allows(roleOf(surroundings), capability)) for (const one of tries) await assert.rejects(one, { exit: 'refused' })
      for (const one of tries) await one()
    }
    case 'serve': return async () => (await world.online('embedded', world.objects(undefined))).replace({ as_of_ms: 0, definitions: 'x', entities: 0 }, [])
    case 'read': return async () => (await openBus(`file:${which}`, 'vanta-decay', surroundings)).join('g', 'beginning')
    default: return async () => (await openBus(`file:${which}`, 'vanta-decay', surroundings)).append([{ key: 'k', line: '{}' }])
  }
}

const roleOf = ({ rights }: Surroundings): Role => rights.role ?? assert.fail('no role')

test('what a node does not have, the runner hands to no tool, and nothing is done', async () => {
  let refused = 0
  for (const role of ROLES) {
    for (const capability of WANTED) {
      const home = homeOf(role), before = contentsOf(home), surroundings = around(home)
      const exit = await exitOf(uses(capability, surroundings))
      await closeAll(surroundings)
      const isAllowed = allows(role, capability.startsWith('service:') ? 'service:decay' : capability)
      if (isAllowed) {
        assert.notEqual(exit, 'refused', `${role}: ${capability}`)
        continue
      }
      refused++
      assert.equal(exit, 'refused', `${role}: ${capability}`)
      // A stream that the node does read, or write, is opened before it is found that it may not do the other.
      const isOpened = /^(read|write):/.test(capability) && ['read', 'write'].some((way) => allows(role, `${way}:${capability.split(':')[1] ?? ''}` as Capability))
      const after = Object.entries(contentsOf(home)).filter(([path]) => !isOpened || !/bus\/(\w+\.json|\.\w+\.lock\/1)$/.test(path))
      assert.deepEqual(Object.fromEntries(after), before, `${role}: ${capability}`)
    }
  }
  assert.ok(refused > 60, String(refused))
})

test('every tool opens on the nodes whose role has what it needs, and on no other', async () => {
  for (const role of ROLES) {
    const surroundings = around(homeOf(role))
    for (const act of actNames) assert.equal(await exitOf(() => worldOf(act, surroundings)), lacks(role, act)?.length === 0 ? 'done' : 'refused', `${role}: ${act}`)
    assert.equal(await exitOf(() => worldOf('vanta-decay', surroundings).as('vanta-nobody-knows')), 'refused')
  }
  const single = mkdtempSync(join(tmpdir(), 'vanta-rights-'))
  homes.push(single)
  for (const act of actNames) assert.equal(await exitOf(() => worldOf(act, around(single))), 'done')
})

test('payloads are kept by those who ask services, and nothing of others is read', async () => {
  for (const role of ROLES) {
    const { outside } = worldOf('vanta-decay', around(homeOf(role)))
    const keep = (): string => outside.archive.keep(Buffer.from('x'), { tool: 'vanta-decay', name: 'x', heard_at: '2021-01-04T00:00:00Z' })
    assert.equal(await exitOf(keep), role === 'markets' ? 'done' : 'refused', role)
  }
})

test('parts of a stream go with it, and what could not be read with reading; a stream that is none of the five is nobody\'s', async () => {
  for (const role of ROLES) {
    const surroundings = around(homeOf(role))
    for (const stream of [...STREAMS, 'others']) {
      const reads = stream !== 'others' && allows(role, `read:${stream}`), writes = stream !== 'others' && allows(role, `write:${stream}`)
      const part = (name: string): Promise<Bus> => openBus(`file:${stream}.${name}`, 'vanta-decay', surroundings)
      const appending = async (name: string): Promise<string> => exitOf(async () => (await part(name)).append([{ key: 'k', line: 'x' }]))
      const joining = async (name: string): Promise<string> => exitOf(async () => (await part(name)).join('g', 'beginning'))
      assert.equal(await appending('dead'), reads || writes ? 'done' : 'refused', `${role} ${stream}`)
      assert.equal(await appending('social'), writes ? 'done' : 'refused', `${role} ${stream}`)
      for (const name of ['dead', 'social']) assert.equal(await joining(name), reads ? 'done' : 'refused', `${role} ${stream}`)
    }
  }
})

/** Real runs that the node may not make, and what it is told. */
const FORBIDDEN: { readonly [role in Role]: readonly (readonly [words: string, why: RegExp])[] } = {
  markets: [
    ['vanta-exec --broker paper', /role markets has no "broker"/],
    ['vanta-exec --broker alpaca --endpoint ENDPOINT --live', /"broker"/],
    ['vanta-exec reconcile --broker alpaca --endpoint ENDPOINT', /"broker".*it runs on executor/],
    ['vanta-vault init core', /"keys:vault".*it runs on alpha/],
    ['vanta-vault allocate', /"keys:vault"/],
    ['vanta-overlay revive --reason x', /"memory:vault_overlay.json"/],
    ['vanta fuse --pipeline pipelines/trade.pipe', /trade.pipe:2: vanta-exec: .*"broker"/],
    ['vanta-decay --out file:allocations', /"write:allocations"/],
    ['vanta-decay --in file:fills --once', /"read:fills"/],
    // Another name is another's; a server that is not there shows that it is not asked.
    ['vanta-features get ticker:GME --from redis://127.0.0.1:1/others', /"ask:others"/],
    ['vanta-backtest --data samples/season --from 2021-01-04 --to 2021-01-05', /give it a home of its own/],
  ],
  alpha: [
    ['vanta-reddit --once --endpoint ENDPOINT --contact a@b.example', /role alpha has no "service:reddit"/],
    ['vanta-exec', /"broker"/],
    ['vanta-risk', /"memory:system_risk.json"/],
    ['vanta-decay --out file:signals', /"write:signals"/],
    ['vanta-features materialize', /"features", "serve:features": it runs on markets/],
    ['vanta-features ingest', /"features"/],
    ['vanta-features get ticker:GME --from redis://127.0.0.1:1/signals', /"ask:signals"/],
    ['vanta-decay --in file:signals', /"read:signals"/],
  ],
  executor: [
    ['vanta-sec --once --endpoint ENDPOINT --contact a@b.example', /role executor has no "service:sec"/],
    ['vanta-vault allocate', /"keys:vault"/],
    ['vanta-vault sign core', /"keys:vault"/],
    ['vanta-features get ticker:GME', /"ask:features".*it runs on alpha, markets/],
    ['vanta-features compact', /"features"/],
    ['vanta-reinforce', /"memory:reliability.json"/],
    ['vanta-beam --from file:convictions --until now', /"read:convictions"/],
    ['vanta-beam --to file:allocations', /"write:allocations"/],
    ['vanta-exec --in file:signals --once --out file:fills', /"read:signals"/],
  ],
}

test('a tool that the node may not run ends with 77, says why, asks nobody and leaves the home as it was', async () => {
  let asked = 0
  const service = createServer((_, answer) => {
    asked++
    answer.end('{}')
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const address = service.address(), endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  try {
    for (const role of ROLES) {
      const home = homeOf(role), before = contentsOf(home)
      for (const [text, why] of FORBIDDEN[role]) {
        const [tool = '', ...words] = text.replace('ENDPOINT', endpoint).split(' ')
        const { status, out, err } = await runTool(tool, words, { VANTA_HOME: home })
        assert.deepEqual([status, out], [77, ''], `${role}: ${text}: ${err}`)
        assert.match(err, why)
      }
      assert.deepEqual(contentsOf(home), before)
      assert.ok(!existsSync(join(home, 'bus')))
    }
  } finally {
    service.close()
  }
  assert.equal(asked, 0)
})

test('what the node may do, it does', async () => {
  for (const [role, text] of [
    ['alpha', 'vanta-vault init core'], ['alpha', 'vanta-vault allocate'], ['executor', 'vanta-overlay kill --reason x'], ['markets', 'vanta-decay --in file:signals --once --out file:readings'],
    ['markets', 'vanta-audit key markets.example'],
  ] as const) {
    const home = homeOf(role), [tool = '', ...words] = text.split(' ')
    if (text === 'vanta-vault allocate') await runTool('vanta-vault', ['init', 'core'], { VANTA_HOME: home })
    const { status, err } = await runTool(tool, words, { VANTA_HOME: home })
    assert.equal(status, 0, `${role}: ${text}: ${err}`)
  }
})

test('a home that cannot say what it is of lets nothing be done', async () => {
  for (const [text, why] of [
    ['', 'not JSON'], ['{"role":"Markets"}', 'role: expected'], ['{"role":"markets","roles":[]}', 'unknown field'], ['[]', 'expected an object'],
    ['{"role":"markets","bus":"tcp"}', 'bus: expected'], ['{"role":"markets","features":"/srv"}', 'features: expected'], ['{}', 'role: expected'],
  ] as const) {
    const fault = nodeIn(text)
    assert.ok(typeof fault === 'string' && fault.startsWith(why), text)
    const home = mkdtempSync(join(tmpdir(), 'vanta-rights-'))
    homes.push(home)
    writeFileSync(join(home, NODE_FILE), text)
    assert.equal(await exitOf(() => around(home)), 'config')
  }
  const home = homeOf('markets')
  rmSync(join(home, NODE_FILE))
  mkdirSync(join(home, NODE_FILE))
  const { status, out } = await runTool('vanta-overlay', ['kill', '--reason', 'x'], { VANTA_HOME: home })
  assert.ok(status !== 0 && out === '')
  assert.deepEqual(nodeIn(formatNode({ role: 'alpha', bus: 'redis' })), { role: 'alpha', bus: 'redis' })
})
