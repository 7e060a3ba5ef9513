/** Asking a language model for other words, where its owner has set one up and calls are not disabled. */
import { Failure } from '#port/failure'
import type { Log } from '#port/log'
import type { Http, Outside } from '#port/outside'
import { askOf, originOf, pathOf, secretOf, SHAPES, textOf, type Shape } from './chat.ts'

/** Options of every tool that lets a model word something. */
export const MODEL_OPTIONS = {
  llm: { kind: 'flag', help: 'let a language model word it; numbers and names stay those of the records' },
  api: { kind: 'choice', choices: SHAPES, default: 'openai', help: 'shape of the model\'s service' },
  endpoint: { kind: 'text', variable: 'VANTA_ENDPOINT_LLM', help: 'address that stands in for the service\'s' },
  model: { kind: 'text', default: 'gpt-4o-mini', help: 'name of the model' },
  credentials: { kind: 'path', help: 'file with the service\'s `key`, mode 0600' },
  timeout: { kind: 'duration', default: '20s', help: 'how long the model has for an answer' },
} as const

export interface ModelTerms {
  readonly llm: boolean
  readonly api: Shape
  readonly endpoint: string | undefined
  readonly model: string
  readonly credentials: string | undefined
  readonly timeout: number
}

/** What a model says to a text; undefined where it says nothing that could be read. Throws what the service's failures are. */
export type AskModel = (system: string, text: string) => Promise<string | undefined>

/** Undefined where no model is wanted, or `callsDisabled` (the overlay's word, and anything but `false` counts). */
export async function modelOf(
  terms: ModelTerms, tool: string, { outside, log }: { readonly outside: Outside; readonly log: Log }, callsDisabled: unknown,
): Promise<AskModel | undefined> {
  if (!terms.llm) return undefined
  if (callsDisabled !== false) {
    log.warn('calls are disabled by the overlay, or it does not say: the words are those of the template')
    return undefined
  }
  const { api, model } = terms
  const key = (await outside.secrets(tool, terms.credentials))?.secrets['key']
  const http = httpOf(terms, outside)
  return async (system, text) => {
    const { bytes } = await http.get({
      url: `${originOf(api)}${pathOf(api)}`, method: 'POST', body: askOf(api, model, system, text),
      headers: { 'content-type': 'application/json', ...(api === 'anthropic' && { 'anthropic-version': '2023-06-01' }) },
      ...(key !== undefined && { secret: { headers: secretOf(api, key) } }),
    })
    return textOf(bytes.toString('utf8'))
  }
}

function httpOf({ api, endpoint, timeout }: ModelTerms, outside: Outside): Http {
  const service = { name: 'llm', origins: [originOf(api)], rate: { requests: 1, perMs: 1000 } }
  return outside.http({
    service, endpoint, contact: undefined, timeoutMs: timeout, maxBytes: 1_000_000, patienceMs: 5000, retries: 0, socks: undefined, signal: outside.signal,
  })
}

/** What went wrong between us and a model never costs more than its words; a fault of our own is not hidden. */
export function whyNot(error: unknown): string {
  if (error instanceof Failure && error.exit === 'bug') throw error
  return error instanceof Error ? error.message : String(error)
}
