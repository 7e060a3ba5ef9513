/** Allocator and executor kept going on streams of the home, and killed between parts of what they hear: what they come to is what one run through pipes comes to. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fileBus } from '#adapter/file/bus'
import { fileLogs } from '#adapter/file/logs'
import { parseBusAddress } from '#domain/bus/address'
import { behindOf } from '#domain/bus/lag'
import { recordsIn, startTool } from '../service/process.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url)))), scratch = mkdtempSync(join(tmpdir(), 'vanta-kept-'))
after(() => rmSync(scratch, { recursive: true, force: true }))
const PARTS = 5
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function shell(script: string, home: string, input = ''): string {
  const env = { ...process.env, VANTA_HOME: home, VANTA_NOW: 'stream', PATH: `${join(root, 'bin')}:${process.env['PATH']}` }
  const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', script], { cwd: root, env, input, encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.equal(status, 0, stderr)
  return stdout
}

/** Ids by kind, each once: what was told again is the same. */
function idsIn(out: string): { readonly [kind: string]: readonly string[] } {
  const records = recordsIn(out), of = (kind: string): string[] => [...new Set(records.filter((one) => one.kind === kind).map(({ id }) => id))].sort()
  return { allocation: of('allocation'), order: of('order'), fill: of('fill'), entry: of('entry') }
}

test('killed between what they hear, they lose nothing of it', { timeout: 300_000 }, async () => {
  const home = join(scratch, 'streams'), other = join(scratch, 'pipes')
  shell('vanta-vault init core --cash 100000 --now 2020-12-01', home)
  cpSync(home, other, { recursive: true })
  const reason = 'vanta-normalize | vanta-dedup | vanta-decay | vanta-synthesize --every 1h --min-log-odds 0.04 | vanta-rerank --top 50'
  const heard = shell(`vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-06 | ${reason}`, join(scratch, 'reason'))
    .split('\n').filter((line) => /^\{"kind":"(conviction|ranking|bar|price|control)"/.test(line))
  const expected = idsIn(shell('vanta-vault allocate --priced | vanta-exec', other, `${heard.join('\n')}\n`))
  assert.ok((expected['fill']?.length ?? 0) > 0 && (expected['allocation']?.length ?? 0) > 1)

  const bus = (name: string) => fileBus(parseBusAddress(`file:${name}`), { logs: fileLogs(join(home, 'bus')), now: () => Date.now(), pause })
  const env = { VANTA_HOME: home, VANTA_NOW: 'stream' }
  const begin = () => [
    startTool('vanta-vault', ['allocate', '--priced', '--in', 'file:convictions', '--group', 'a', '--out', 'file:allocations'], env),
    startTool('vanta-exec', ['--in', 'file:allocations', '--group', 'e', '--out', 'file:fills'], env),
  ]
  const isDone = async (name: string, group: string): Promise<boolean> => {
    const stream = bus(name)
    try {
      return (await stream.lags()).some((lag) => lag.group === group && behindOf(lag).waiting === 0)
    } finally {
      await stream.close()
    }
  }
  for (let part = 0; part < PARTS; part++) {
    const from = Math.floor((part * heard.length) / PARTS), to = Math.floor(((part + 1) * heard.length) / PARTS)
    shell('vanta-beam --to file:convictions', home, heard.slice(from, to).map((line) => `${line}\n`).join(''))
    const running = begin()
    while (!await isDone('convictions', 'a') || !await isDone('allocations', 'e')) {
      for (const { child, ended } of running) if (child.exitCode !== null) assert.fail((await ended).err)
      await pause(50)
    }
    for (const { child } of running) child.kill('SIGKILL')
    for (const { ended } of running) assert.equal((await ended).status, 137)
  }
  // What a run says only at the end of its input is said in a last one, over nothing.
  shell('vanta-vault allocate --priced --in file:convictions --group a --once --out file:allocations', home)
  shell('vanta-exec --in file:allocations --group e --once --out file:fills', home)
  assert.deepEqual(idsIn(readFileSync(join(home, 'bus', 'fills.ndjson'), 'utf8')), expected)
  assert.ok(existsSync(join(home, 'memory', 'ledger.json')))
})
