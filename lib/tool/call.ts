/** Tools called by tools, with the words that a shell would have given them: one way to say what is wanted. */
import type { Vanta } from '#record'
import { parseArgv, type Parsed } from './argv.ts'
import type { ActionWorld, AnyAct, Answer, CollectorWorld, Emit } from './define.ts'
import { Failure } from '#port/failure'
import { configPath, readConfig } from './home.ts'
import type { Load } from './pipeline.ts'
import { actOf } from './verb.ts'

/** Find the tool, or the verb named by the first word, and read the other words by its table. */
export async function resolve(load: Load, name: string, words: readonly string[]): Promise<{ act: AnyAct; parsed: Parsed }> {
  const tool = await load(name)
  if (tool === undefined) throw new Failure('config', `no tool "${name}"`)
  const found = actOf(tool, words)
  if (found === undefined) throw new Failure('config', `${name} has no verb "${words[0] ?? ''}"`)
  return { act: found.act, parsed: await parseArgv(found.act, found.rest, process.env, readConfig(configPath(process.env))) }
}

/** What a collector collects. */
export async function callCollector(
  load: Load, name: string, words: readonly string[], world: CollectorWorld,
): Promise<Iterable<Vanta> | AsyncIterable<Vanta>> {
  const { act, parsed } = await resolve(load, name, words)
  if (act.kind !== 'collector') throw new Failure('config', `${act.name} is no collector`)
  return act.collect(parsed.values as never, world.as(act.name))
}

/** Run a command to its end; what it prints goes where `world` prints. */
export async function callCommand(load: Load, name: string, words: readonly string[], world: ActionWorld, emit: Emit): Promise<Answer> {
  const { act, parsed } = await resolve(load, name, words)
  if (act.kind !== 'command') throw new Failure('config', `${act.name} is no command`)
  return act.act(parsed.values as never, parsed.operands, { ...world.as(act.name), print: world.print }, emit)
}
