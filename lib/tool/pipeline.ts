/**
 * A pipeline as a small text file: one tool a line, as it would be typed between the bars of a shell pipe; `#` starts a
 * comment. The same file runs fused (one process, records handed on as objects) or piped (one process a tool, NDJSON between).
 */
import { resolve } from './call.ts'
import type { ActionWorld, Emit, Tool } from './define.ts'
import { Failure } from '#port/failure'
import { chain, openStage, type Chain, type Running } from './stage.ts'

export interface Step {
  /** `FILE:LINE`, for messages. */
  readonly place: string
  readonly tool: string
  readonly words: readonly string[]
}

export type Load = (tool: string) => Promise<Tool | undefined>

/** Throws Failure `config` naming the line of an unclosed quote, or where there is no step at all. */
export function parsePipeline(text: string, file: string): readonly Step[] {
  const steps: Step[] = []
  text.split('\n').forEach((line, i) => {
    const place = `${file}:${i + 1}`
    const [tool, ...words] = splitWords(line, place)
    if (tool !== undefined) steps.push({ place, tool, words })
  })
  if (steps.length === 0) throw new Failure('config', `${file}: no tool in this pipeline`)
  return steps
}

/** Words as a shell would see them: blanks part them, single and double quotes join them, a `#` at a word's start ends the line. */
export function splitWords(line: string, place: string): string[] {
  const words: string[] = []
  const WORD = /\s*(?:(#.*)|((?:[^\s"']|"[^"]*"|'[^']*')+))/y
  let end = 0
  for (let match = WORD.exec(line); match !== null; match = WORD.exec(line)) {
    end = WORD.lastIndex
    if (match[1] !== undefined) return words
    if (match[2] !== undefined) words.push(match[2].replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''))
  }
  if (line.slice(end).trim() !== '') throw new Failure('config', `${place}: unclosed quote`)
  return words
}

/** Every step opened in this process. `world` is the runner's; each tool gets its own view of it. */
export async function openSteps(steps: readonly Step[], load: Load, world: ActionWorld): Promise<Running[]> {
  const stages: Running[] = []
  for (const { place, tool, words } of steps) {
    try {
      const { act, parsed } = await resolve(load, tool, words)
      if (act.kind === 'command' || act.kind === 'collector' || act.kind === 'rows') {
        throw new Failure('config', 'works on no records; it cannot stand in a pipeline')
      }
      if (parsed.operands[0] !== undefined) throw new Failure('usage', `unexpected word "${parsed.operands[0]}"`)
      stages.push(await openStage(act, parsed.values, world.as(act.name)))
    } catch (error) {
      throw error instanceof Failure ? new Failure(error.exit, `${place}: ${tool}: ${error.message}`, error) : error
    }
  }
  return stages
}

/** Every step opened in this process, as one chain. */
export async function fuse(steps: readonly Step[], load: Load, world: ActionWorld, sink: Emit): Promise<Chain> {
  return chain(await openSteps(steps, load, world), sink)
}
