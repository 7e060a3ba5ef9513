/** Which act of a tool the first word of a command line names. */
import type { AnyAct, Tool } from './define.ts'

/** Every act of a tool: for tools with verbs, what it does without one comes first. */
export function actsOf(tool: Tool): readonly AnyAct[] {
  if (tool.kind !== 'verbs') return [tool]
  return [...(tool.main === undefined ? [] : [tool.main]), ...Object.values(tool.verbs)]
}

/** The act, and the words left for it; undefined where the first word is no verb and the tool does nothing without one. */
export function actOf(tool: Tool, words: readonly string[]): { readonly act: AnyAct; readonly rest: readonly string[] } | undefined {
  if (tool.kind !== 'verbs') return { act: tool, rest: words }
  const [word] = words
  const verb = word === undefined ? undefined : tool.verbs[word]
  if (verb !== undefined) return { act: verb, rest: words.slice(1) }
  const implied = tool.implied?.(words)
  if (implied !== undefined) return { act: implied, rest: words }
  const isWord = word !== undefined && !word.startsWith('-')
  return tool.main === undefined || isWord ? undefined : { act: tool.main, rest: words }
}
