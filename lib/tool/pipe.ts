/** A pipeline as processes, the way a shell runs it: this process only starts them and waits. */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { Failure } from '#port/failure'
import type { Step } from './pipeline.ts'

/**
 * Run each step as its own process, stdout to stdin; the first reads our stdin, the last writes our stdout. Resolves to the
 * exit status as with `set -o pipefail`: that of the last step that failed, else 0.
 */
export async function runPiped(steps: readonly Step[], root: string): Promise<number> {
  const children: ChildProcess[] = []
  let input: 'inherit' | NonNullable<ChildProcess['stdout']> = 'inherit'
  steps.forEach(({ tool, words }, i) => {
    const last = i === steps.length - 1
    const child: ChildProcess = spawn(join(root, 'bin', tool), words, { stdio: [input, last ? 'inherit' : 'pipe', 'inherit'] })
    // The next process holds the pipe now; our own end would keep a broken pipe from being noticed.
    if (input !== 'inherit') input.destroy()
    if (child.stdout !== null) input = child.stdout
    children.push(child)
  })
  const statuses = await Promise.all(children.map(statusOf))
  return statuses.findLast((status) => status !== 0) ?? 0
}

function statusOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Failure('config', `cannot start ${child.spawnfile}: ${error.message}`, error)))
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 70 : 143)))
  })
}
