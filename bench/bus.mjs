// vanta-beam from a pipe into a stream and from a stream into a pipe, beside the bare clients, on a server of its own: Redis, and Kafka where
// VANTA_KAFKA_JARS names its jars. Every process is timed from start to end.
//   node bench/bus.mjs                BENCH_LINES=50000 BENCH_ROUNDS=1 for a quick look
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'
import { compare, has, machine, once, root, scratch, table, thousands, times, verdict } from './measure.mjs'

const LINES = Number(process.env.BENCH_LINES ?? 200_000), ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const TARGET = 0.8
const peer = `${process.execPath} ${join(root, 'bench', 'bus_peer.mjs')}`

const feed = join(scratch, 'bus_feed.mjs'), input = join(scratch, 'bus.ndjson')
await build({ entryPoints: [join(root, 'bench', 'bus_feed.ts')], outfile: feed, bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' })
writeFileSync(input, execFileSync(process.execPath, [feed, String(LINES)], { maxBuffer: 1 << 30 }))

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function reachable(port) {
  for (let tries = 0; tries < 1200; tries++) {
    const isOpen = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => void (socket.destroy(), resolve(true)))
      socket.once('error', () => resolve(false))
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`no server at port ${port}`)
}

function serve(command, words) {
  const child = spawn(command, words, { stdio: 'ignore' })
  process.on('exit', () => child.kill('SIGKILL'))
}

async function redis() {
  const port = await freePort()
  serve('redis-server', ['--port', String(port), '--dir', mkdtempSync(join(scratch, 'redis-')), '--appendonly', 'yes', '--save', ''])
  await reachable(port)
  return port
}

async function kafka(jars) {
  const port = await freePort(), controller = await freePort(), folder = mkdtempSync(join(scratch, 'kafka-')), settings = join(folder, 'server.properties')
  writeFileSync(settings, Object.entries({
    'process.roles': 'broker,controller', 'node.id': 1, 'controller.quorum.voters': `1@127.0.0.1:${controller}`, 'log.dirs': join(folder, 'data'),
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`, 'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER', 'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT', 'inter.broker.listener.name': 'PLAINTEXT',
    'offsets.topic.replication.factor': 1, 'offsets.topic.num.partitions': 4, 'group.initial.rebalance.delay.ms': 0,
    'transaction.state.log.replication.factor': 1, 'transaction.state.log.min.isr': 1,
  }).map(([name, value]) => `${name}=${value}\n`).join(''))
  const path = join(jars, '*')
  execFileSync('java', ['-cp', path, 'kafka.tools.StorageTool', 'format', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', settings], { stdio: 'ignore' })
  serve('java', ['-Xmx512m', '-cp', path, 'kafka.Kafka', settings])
  await reachable(port)
  return port
}

/** A stream of its own for each run; what is read was written by the run before. */
function ways(kind, port) {
  let beams = 0, bares = 0
  const run = (command, reads) => {
    const { wallMs, cpuMs, lines } = once(command, reads ? { lines: true } : { input })
    if (reads && lines !== LINES) throw new Error(`${command}: ${lines} lines of ${LINES}`)
    return { wallMs, cpuMs }
  }
  return [
    { name: `${kind}: client, in`, run: () => run(`${peer} ${kind}-write ${port} bare${++bares}`, false) },
    { name: `${kind}: vanta-beam, in`, run: () => run(`vanta-beam --to ${kind}://127.0.0.1:${port}/beam${++beams}`, false) },
    { name: `${kind}: client, out`, run: () => run(`${peer} ${kind}-read ${port} bare${bares} ${LINES}`, true) },
    { name: `${kind}: vanta-beam, out`, run: () => run(`vanta-beam --from ${kind}://127.0.0.1:${port}/beam${beams} --group g --until now`, true) },
  ]
}

const servers = [], jars = process.env.VANTA_KAFKA_JARS ?? ''
if (has('redis-server')) servers.push(['redis', await redis()])
if (has('java') && existsSync(jars)) servers.push(['kafka', await kafka(jars)])
console.log(`Streams, ${machine()}; ${thousands(LINES)} records of ${Math.round(statSync(input).size / LINES)} bytes, the best of ${ROUNDS} rounds\n`)
const rows = servers.flatMap(([kind, port]) => {
  const least = compare(ways(kind, port), ROUNDS)
  return least.map(({ name, wallMs, cpuMs }, i) => {
    const bare = least[i - 1], ratio = i % 2 === 1 ? bare.wallMs / wallMs : undefined
    return [name, thousands(LINES / wallMs * 1000), thousands(LINES / cpuMs * 1000), ratio === undefined ? '' : times(ratio), ratio === undefined ? '' : verdict(ratio >= TARGET)]
  })
})
table(['', 'records a second', 'by CPU', 'beside the client', `at least ${TARGET}`], rows)
process.exit(0)
