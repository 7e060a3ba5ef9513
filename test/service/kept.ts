/** Tools kept going on streams of a home, killed once they have done with what there is; beside them, shells that play history. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileBus } from '#adapter/file/bus'
import { fileLogs } from '#adapter/file/logs'
import { parseBusAddress } from '#domain/bus/address'
import { behindOf } from '#domain/bus/lag'
import type { Process } from './process.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What counts as now is the latest that was heard, as for the tools that are kept. */
export const settings = (home: string): Readonly<Record<string, string>> => ({ VANTA_HOME: home, VANTA_NOW: 'stream' })

/** What a command line says; it must end well. */
export function shell(script: string, home: string, input = ''): string {
  const env = { ...process.env, ...settings(home), PATH: `${join(root, 'bin')}:${process.env['PATH']}` }
  const { status, stdout, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', script], { cwd: root, env, input, encoding: 'utf8', maxBuffer: 1 << 28 })
  assert.equal(status, 0, stderr)
  return stdout
}

/** Lines in so many parts, one after another. */
export const partsOf = (lines: readonly string[], count: number): readonly string[] => Array.from({ length: count }, (_, part) =>
  lines.slice(Math.floor((part * lines.length) / count), Math.floor(((part + 1) * lines.length) / count)).map((line) => `${line}\n`).join(''))

async function hasDone(home: string, stream: string, group: string): Promise<boolean> {
  const bus = fileBus(parseBusAddress(`file:${stream}`), { logs: fileLogs(join(home, 'bus')), now: () => Date.now(), pause })
  try {
    return (await bus.lags()).some((lag) => lag.group === group && behindOf(lag).waiting === 0)
  } finally {
    await bus.close()
  }
}

/** Resolves once the groups (by stream) have done with all there is and their processes are dead. */
export async function killedWhenDone(home: string, groups: Readonly<Record<string, string>>, running: readonly Process[]): Promise<void> {
  for (const [stream, group] of Object.entries(groups)) {
    while (!await hasDone(home, stream, group)) {
      for (const { child, ended } of running) if (child.exitCode !== null) assert.fail((await ended).err)
      await pause(50)
    }
  }
  for (const { child } of running) child.kill('SIGKILL')
  for (const { ended } of running) assert.equal((await ended).status, 137)
}
