/** A home in which pipelines are run in this process, one run after another, as they would be by hand; and its log written anew with changes. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileLogs } from '#adapter/file/logs'
import { LINES } from '#domain/audit/files'
import { genesisOfLine } from '#domain/audit/genesis'
import { openAuditLog } from '#domain/audit/log'
import { check, keepLine, type Vanta } from '#record'
import { callCollector, callCommand } from '#tool/call'
import { fuse, parsePipeline } from '#tool/pipeline'
import { clockOf, closeAll, realSurroundings, worldOf } from '#tool/world'
import { findTool } from '../../src/tools.ts'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const silent = (): void => undefined
const SILENT = { debug: silent, info: silent, warn: silent, error: silent }

export interface Replayed {
  readonly answer: unknown
  readonly said: readonly string[]
}

export class Home {
  readonly path: string

  constructor(path = mkdtempSync(join(tmpdir(), 'vanta-replay-'))) {
    this.path = path
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }

  #around(now: string | undefined, print: (text: string) => void = silent) {
    return realSurroundings({
      clock: clockOf(now), seed: '1', ambient: '', home: this.path, root, log: () => SILENT, print, progress: silent,
      flushed: async () => undefined, signal: new AbortController().signal, credentialsFolder: undefined,
    })
  }

  async command(tool: string, ...words: readonly string[]): Promise<Replayed> {
    const said: string[] = [], around = this.#around('2021-01-01T00:00:00Z', (text) => void said.push(text))
    try {
      return { answer: (await callCommand(findTool, tool, words, worldOf('vanta', around), silent)) ?? 'done', said }
    } finally {
      await closeAll(around)
    }
  }

  replay(...words: readonly string[]): Promise<Replayed> {
    return this.command('vanta-audit', 'replay', ...words)
  }

  /** One run: these lines through this pipeline. A tool that reports failure ends it, as it would by hand. */
  async run(pipeline: string, lines: readonly string[], now = 'stream'): Promise<Vanta[]> {
    const around = this.#around(now), out: Vanta[] = []
    try {
      const steps = parsePipeline(pipeline, 'pipe'), behind = steps.findIndex(({ tool }) => tool === 'vanta-exec') + 1
      const world = worldOf('vanta', around)
      // Processes: what stands behind the executor ends as ever where that one says that nothing was sent.
      const books = await fuse(steps.slice(behind), findTool, world, (record) => void out.push(record))
      const chain = await fuse(steps.slice(0, behind), findTool, world, (record) => void books.push(record))
      for (const line of lines) await chain.push(recordOf(line))
      await chain.end().then(() => chain.landed()).catch((error: unknown) => assert.match(String(error), /nothing was sent/))
      await books.end()
      return out
    } finally {
      await closeAll(around)
    }
  }

  lines(): string[] {
    const tape = fileLogs(join(this.path, 'logs')).open(LINES), bytes = Buffer.alloc(tape.size())
    tape.read(0, bytes)
    tape.close()
    return bytes.toString().split('\n').slice(0, -1)
  }

  /** Another home with the same memory, whose log says what `change` makes of the lines: with a tree over them, as if it had been so from the first. */
  changed(change: (lines: string[]) => string[]): Home {
    const other = new Home()
    cpSync(join(this.path, 'memory'), join(other.path, 'memory'), { recursive: true })
    const [first = '', ...lines] = change(this.lines())
    const genesis = genesisOfLine(first)
    assert.ok(genesis !== undefined)
    const opened = openAuditLog({ folder: fileLogs(join(other.path, 'logs')), genesis: keepLine(genesis, first) })
    assert.ok('log' in opened)
    for (const line of lines) opened.log.append(line, recordOf(line).id)
    opened.log.close()
    return other
  }
}

export function recordOf(line: string): Vanta {
  const checked = check(JSON.parse(line))
  assert.ok('record' in checked, line)
  return keepLine(checked.record, line)
}

/** Two weeks of the season, as lines in the order in which they became known. */
export async function seasonLines(): Promise<readonly string[]> {
  const home = new Home()
  const around = realSurroundings({
    clock: clockOf(undefined), seed: '1', ambient: '', home: home.path, root, log: () => SILENT, print: silent, progress: silent,
    flushed: async () => undefined, signal: new AbortController().signal, credentialsFolder: undefined,
  })
  const words = ['--data', join(root, 'samples', 'season'), '--from', '2021-01-04', '--to', '2021-01-12']
  const lines: string[] = []
  for await (const record of await callCollector(findTool, 'vanta-replay', words, worldOf('vanta', around))) lines.push(JSON.stringify(record))
  home.remove()
  return lines
}

export const knownAtOf = (line: string): string => /"known_at":"([^"]+)"/.exec(line)?.[1] ?? ''
