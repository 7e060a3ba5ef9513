/** The memory of what was learned of voices (`memory/reliability.json`), and what it makes of the evidence of one. */
import type { Json } from '#record'
import { Heard, heardIn } from './heard.ts'
import { FIRST_TRUST, Reinforcement, TRUSTS, type KeptVoices, type Voice } from './reinforce.ts'

export const RELIABILITY_FILE = 'reliability.json'

export interface LearnedState {
  readonly heard: Heard
  readonly voices: KeptVoices
}
export const nothingLearned = (): LearnedState => ({ heard: new Heard(), voices: {} })

export function memoryOf({ heard, voices }: LearnedState): { [field: string]: Json } {
  const trust = new Map(Reinforcement.from(voices).all().map(({ who, horizon, reliability }) => [`${who} ${horizon}`, reliability]))
  const told = (horizon: string, each: KeptVoices[string]): Json => Object.fromEntries(Object.entries(each).map(([who, voice]) => [who, {
    weights: [...voice.weights], n: voice.n, losses: [...voice.losses], mixture_loss: voice.mixtureLoss,
    reliability: trust.get(`${who} ${horizon}`) ?? FIRST_TRUST,
  }]))
  return { ...heard.memory(), voices: Object.fromEntries(Object.entries(voices).map(([horizon, each]) => [horizon, told(horizon, each)])) }
}

type Members = { readonly [name: string]: unknown }
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length === TRUSTS.length && value.every((one) => typeof one === 'number' && Number.isFinite(one))

/** Throws RangeError, with the place, on a memory that is none of ours. */
export function learnedIn(memory: unknown): LearnedState {
  if (!isMembers(memory) || !isMembers(memory['voices'])) throw new RangeError('expected known_at, ids and voices')
  const heard = heardIn(memory)
  const voices: { [horizon: string]: { [who: string]: Voice } } = {}
  for (const [horizon, each] of Object.entries(memory['voices'])) {
    if (!isMembers(each)) throw new RangeError(`voices.${horizon}: expected an object`)
    const known: { [who: string]: Voice } = voices[horizon] = {}
    for (const [who, voice] of Object.entries(each)) {
      const place = `voices.${horizon}.${who}`
      if (!isMembers(voice) || !isNumbers(voice['weights']) || !isNumbers(voice['losses'])) {
        throw new RangeError(`${place}: expected ${TRUSTS.length} weights and losses`)
      }
      const { weights, losses, n, mixture_loss: mixtureLoss } = voice
      if (typeof n !== 'number' || typeof mixtureLoss !== 'number' || !weights.every((weight) => weight > 0)) {
        throw new RangeError(`${place}: expected n, mixture_loss and weights above 0`)
      }
      known[who] = { weights, losses, n, mixtureLoss }
    }
  }
  return { heard, voices }
}

/** No voice counts for more than this many of one who is new. */
const TRUST_MOST = 2

/** By how much the evidence of a voice is to be taken up or down: 1 for one of whom nothing is known, 0 for one that is not to be believed at all. */
export class Trust {
  readonly #factors = new Map<string, number>()

  constructor({ voices }: LearnedState) {
    for (const { who, horizon, reliability } of Reinforcement.from(voices).all()) {
      this.#factors.set(`${who} ${horizon}`, Math.min(TRUST_MOST, reliability / FIRST_TRUST))
    }
  }

  of(who: string, horizon: string): number {
    return this.#factors.get(`${who} ${horizon}`) ?? 1
  }
}
