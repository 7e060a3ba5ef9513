// The loop kept going across three hosts (network namespaces on one machine, Redis between them with mutual TLS and durable writes): from when the record
// that ends a moment is handed in on Markets to when the orders of that moment are on disk at the executor, before they are sent to a broker.
// Needs root, iproute2, redis-server and openssl.
//   node bench/hosts.mjs [FROM TO]        of the recorded season
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { machine, root, table } from './measure.mjs'

const span = process.argv.length === 4 ? process.argv.slice(2) : ['2020-11-25', '2021-01-15']
const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'bench', 'hosts_loop.ts'), ...span], {
  cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'],
})
const found = /^figures (.*)$/m.exec(stdout)
if (found === null) {
  console.log(stdout)
  process.exit(/# SKIP/.test(stdout) ? 0 : 1)
}
const { latenciesMs, orders, expected } = JSON.parse(found[1]), sorted = latenciesMs.toSorted((a, b) => a - b)
const at = (share) => `${sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(0)} ms`
console.log(`Signal in on one host to order on disk on another, by the clock; ${span.join(' to ')}; ${machine()}\n`)
table(['moments with orders', 'p50', 'p99', 'most', 'orders', 'of one machine'], [[String(sorted.length), at(0.5), at(0.99), at(1), String(orders), String(expected)]])
