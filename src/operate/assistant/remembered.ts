/** What was asked: the last questions in memory, so that a follow-up knows what it goes on from, and all of them in a log. */
import { formatInstant, make, type Json } from '#record'
import type { Answer } from '#domain/assistant/answer'
import { TOPICS, type Intent } from '#domain/assistant/intent'
import { Failure, type ActionWorld } from '#tool'

export const MEMORY = 'assistant.json'
const LOG = 'assistant.ndjson'
const MOST = 50
const QUESTION_MOST = 500
const CITED_MOST = 20
const ATTEMPTS = 5

interface Turn {
  readonly at: string
  readonly question: string
  readonly intent: Intent
}

/** The question asked last, as it was understood; a memory that cannot be read as one is none. */
export function lastIntent({ store }: Pick<ActionWorld, 'store'>): Intent | undefined {
  const turn: unknown = turnsIn(store).at(-1)
  const intent: unknown = isField(turn) ? turn['intent'] : undefined
  return isIntent(intent) ? intent : undefined
}

/** What was asked last, oldest first. */
export const lastQuestions = ({ store }: Pick<ActionWorld, 'store'>): readonly string[] =>
  turnsIn(store).flatMap((turn) => (isField(turn) && typeof turn['question'] === 'string' ? [turn['question']] : []))

/** Keep a question and what it was answered with. Where the home cannot be written, the answer stands, and that is said. */
export function remember(question: string, answer: Answer, world: ActionWorld): void {
  const at = formatInstant(world.clock.now()), asked = question.slice(0, QUESTION_MOST), { intent, statements } = answer
  const cited = [...new Set(statements.flatMap(({ citations }) => citations.map((one) => ('record' in one ? one.record : `${one.file}:${one.line}`))))]
  const record = make('control', {
    type: 'question', at, known_at: at, source: 'assistant', by: world.by,
    facts: { question: asked, intent, statements: statements.length, cited: cited.slice(0, CITED_MOST), cited_in_all: cited.length },
  })
  try {
    const log = world.journal(LOG)
    log.append(JSON.stringify(record))
    log.sync()
    keep({ at, question: asked, intent }, world)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    world.log.warn(`the question is not remembered: ${error.message}`)
  }
}

function keep(turn: Turn, { store }: ActionWorld): void {
  for (let attempt = 1; ; attempt++) {
    const version = store.read(MEMORY)?.version ?? 0
    try {
      return void store.write(MEMORY, { turns: [...turnsIn(store), { ...turn, intent: { ...turn.intent } }].slice(-MOST) }, version)
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== 'again' || attempt === ATTEMPTS) throw error
    }
  }
}

function turnsIn(store: ActionWorld['store']): readonly Json[] {
  const turns = store.read(MEMORY)?.memory['turns']
  return Array.isArray(turns) ? turns : []
}

const isField = (value: unknown): value is { readonly [name: string]: unknown } => typeof value === 'object' && value !== null && !Array.isArray(value)

const isIntent = (value: unknown): value is Intent =>
  isField(value) && TOPICS.some((topic) => topic === value['topic']) && Object.values(value).every((one) => typeof one === 'string')
