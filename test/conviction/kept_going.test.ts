/** What concludes, kept going on a stream and killed between parts of what it hears: what it says in all is what one run says. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
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
const PARTS = 4
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function shell(script: string, home: string, input = ''): string {
  const env = { ...process.env, VANTA_HOME: home, VANTA_NOW: 'stream', PATH: `${join(root, 'bin')}:${process.env['PATH']}` }
  const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', script], { cwd: root, env, input, encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.equal(status, 0, stderr)
  return stdout
}

const CONCLUDED: ReadonlySet<string> = new Set(['belief', 'conviction', 'ranking', 'risk', 'outcome'])
const idsIn = (out: string): readonly string[] => recordsIn(out).filter(({ kind }) => CONCLUDED.has(kind)).map(({ kind, id }) => `${kind} ${id}`).sort()

test('killed between what they hear and begun again, synthesis, ranking, risk and tracking go on as if nothing had been', { timeout: 300_000 }, async () => {
  const home = join(scratch, 'streams'), other = join(scratch, 'pipes')
  const heard = shell('vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-09 | vanta-normalize | vanta-dedup | vanta-decay', join(scratch, 'reason'))
    .split('\n').filter((line) => line !== '')
  const expected = idsIn(shell('vanta fuse --pipeline pipelines/convict.pipe', other, `${heard.join('\n')}\n`))
  for (const kind of CONCLUDED) assert.ok(kind === 'belief' || expected.some((one) => one.startsWith(`${kind} `)), kind)

  const left = async (): Promise<number> => {
    const stream = fileBus(parseBusAddress('file:readings'), { logs: fileLogs(join(home, 'bus')), now: () => Date.now(), pause })
    try {
      const [lag] = await stream.lags()
      return lag === undefined ? Infinity : behindOf(lag).waiting ?? Infinity
    } finally {
      await stream.close()
    }
  }
  const words = ['fuse', '--pipeline', 'pipelines/convict.pipe', '--warm-up', '45d', '--in', 'file:readings', '--group', 'c', '--out', 'file:convictions']
  for (let part = 0; part < PARTS; part++) {
    const from = Math.floor((part * heard.length) / PARTS), to = Math.floor(((part + 1) * heard.length) / PARTS)
    shell('vanta-beam --to file:readings', home, heard.slice(from, to).map((line) => `${line}\n`).join(''))
    const running = startTool('vanta', words, { VANTA_HOME: home, VANTA_NOW: 'stream' })
    while (await left() > 0) {
      if (running.child.exitCode !== null) assert.fail((await running.ended).err)
      await pause(50)
    }
    running.child.kill('SIGKILL')
    assert.equal((await running.ended).status, 137)
  }
  // What a run says only at the end of its input is said in a last one, over nothing.
  shell(`vanta ${words.join(' ')} --once`, home)
  assert.deepEqual(idsIn(readFileSync(join(home, 'bus', 'convictions.ndjson'), 'utf8')), expected)
  const logged = (of: string): readonly string[] => [...new Set(idsIn(readFileSync(join(of, 'logs', 'audit.jsonl'), 'utf8')))]
  assert.deepEqual(logged(home), logged(other))
  assert.match(shell('vanta-audit replay --all', home), /\nidentical: |^identical: /)
})
