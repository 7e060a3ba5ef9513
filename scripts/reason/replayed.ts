/** What became of convictions over recorded history: the tools themselves at work, in processes, as anyone would run them. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { check, type Kind, type Outcome, type Vanta } from '#record'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export interface Replay {
  /** Folder to play, or files of a data folder by the folder they belong to. */
  readonly data: string | { readonly [folder: string]: readonly string[] }
  readonly from: string
  readonly to: string
  readonly barsTo?: string
  readonly source: string
  readonly pipeline: readonly string[]
}

/** Outcomes in the order in which they became known. */
export async function outcomesOf(replay: Replay): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for await (const record of recordsOf(replay, ['outcome'])) if (record.kind === 'outcome') outcomes.push(record)
  return outcomes
}

/** Records of some kinds that come out of the end. Nothing is kept: memory and logs are in a folder that is thrown away. */
export async function* recordsOf({ data, from, to, barsTo, source, pipeline }: Replay, kinds: readonly Kind[]): AsyncGenerator<Vanta> {
  if (!existsSync(join(root, 'dist', 'vanta-replay.cjs'))) spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: ['ignore', 'ignore', 'inherit'] })
  const home = mkdtempSync(join(tmpdir(), 'vanta-reason-'))
  try {
    const folder = typeof data === 'string' ? data : linked(join(home, 'data'), data)
    const file = join(home, 'reason.pipe')
    writeFileSync(file, pipeline.map((line) => `${line}\n`).join(''))
    const env = { ...process.env, VANTA_HOME: home }
    const words = ['--data', folder, '--from', from, '--to', to, '--source', source, ...(barsTo === undefined ? [] : ['--bars-to', barsTo])]
    const replay = spawn(join(root, 'bin', 'vanta-replay'), words, { env, stdio: ['ignore', 'pipe', 'ignore'] })
    const fused = spawn(join(root, 'bin', 'vanta'), ['fuse', '--pipeline', file, '--now', 'stream'], { env, stdio: [replay.stdout, 'pipe', 'inherit'] })
    const ended = new Promise<number | null>((resolve) => fused.on('close', resolve))
    const starts = kinds.map((kind) => `{"kind":"${kind}"`)
    for await (const line of createInterface({ input: fused.stdout })) {
      if (!starts.some((start) => line.startsWith(start))) continue
      const read = check(JSON.parse(line))
      if (!('record' in read)) throw new Error(`${read.fault.path}: ${read.fault.message}: ${line}`)
      yield read.record
    }
    const status = await ended
    if (status !== 0) throw new Error(`vanta fuse ended with ${status}`)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

function linked(folder: string, files: { readonly [folder: string]: readonly string[] }): string {
  for (const [name, paths] of Object.entries(files)) {
    mkdirSync(join(folder, name), { recursive: true })
    for (const path of paths) symlinkSync(path, join(folder, name, basename(path)))
  }
  return folder
}
