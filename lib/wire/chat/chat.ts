/** Chat completions as OpenAI's (`/v1/chat/completions`) and Anthropic's (`/v1/messages`) services take and give them. */
import { exactList, exactObject, exactString, parseExact } from '../json_exact.ts'

export const SHAPES = ['openai', 'anthropic'] as const
export type Shape = (typeof SHAPES)[number]

export const originOf = (shape: Shape): string => (shape === 'openai' ? 'https://api.openai.com' : 'https://api.anthropic.com')
export const pathOf = (shape: Shape): string => (shape === 'openai' ? '/v1/chat/completions' : '/v1/messages')
export const secretOf = (shape: Shape, key: string): Readonly<Record<string, string>> =>
  shape === 'openai' ? { authorization: `Bearer ${key}` } : { 'x-api-key': key }

export function askOf(shape: Shape, model: string, system: string, text: string): string {
  const user = { role: 'user', content: text }
  return JSON.stringify(shape === 'openai'
    ? { model, max_tokens: 400, messages: [{ role: 'system', content: system }, user] }
    : { model, max_tokens: 400, system, messages: [user] })
}

/** The text of the first answer; undefined where there is none. */
export function textOf(body: string): string | undefined {
  const answer = exactObject(parseExact(body, 'the answer'))
  if (answer === undefined) return undefined
  const message = exactObject(exactObject(exactList(answer['choices'])?.[0])?.['message'])
  if (message !== undefined) return exactString(message['content'])
  return exactList(answer['content'])?.map((part) => exactString(exactObject(part)?.['text']) ?? '').join('')
}
