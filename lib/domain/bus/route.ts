/**
 * Where records go, by what they say of themselves. A rule is a few conditions that all have to hold, and the streams for what they hold of:
 * `kind=conviction domain=social|news urgency!=low -> redis:convictions.fast redis:convictions.log`. A value may end in `*`.
 */
import type { Vanta } from '#record'
import { isObject } from '#record/shape'
import { ROUTED_BY, routedBy, type RoutedBy } from '../conviction/routing.ts'

/** To pass a record on, as a tool does that does not read it. */
export const PASSED = '-'

export interface Rule {
  readonly when: readonly Condition[]
  /** Addresses of streams, or {@link PASSED}. */
  readonly to: readonly string[]
}

interface Condition {
  readonly name: string
  readonly values: readonly string[]
  readonly isNot: boolean
}

export interface Routes {
  readonly rules: readonly Rule[]
  /** Where goes what no rule is for. */
  readonly otherwise: string
}

/** What a record is asked for: fields of its own, the names that convictions are routed by, and `tag` for a whole routing tag. */
const FIELDS = ['kind', 'type', 'source', 'subject', 'maker', 'vault', 'stream'] as const
const NAMES: ReadonlySet<string> = new Set([...FIELDS, ...ROUTED_BY, 'tag'])

function saidBy(record: Vanta, name: string): readonly string[] {
  if (ROUTED_BY.includes(name as RoutedBy)) return routedBy(record, name as RoutedBy)
  if (name === 'tag') return record.kind === 'conviction' ? record.routing_tags : []
  const value = (record as { readonly [field: string]: unknown })[name]
  return typeof value === 'string' ? [value] : []
}

const fits = (said: string, value: string): boolean => (value.endsWith('*') ? said.startsWith(value.slice(0, -1)) : said === value)

const holds = (record: Vanta, { name, values, isNot }: Condition): boolean =>
  saidBy(record, name).some((said) => values.some((value) => fits(said, value))) !== isNot

/** The streams that a record goes to, each once. */
export function targetsOf(record: Vanta, { rules, otherwise }: Routes): ReadonlySet<string> {
  const targets = new Set<string>()
  let isMeant = false
  for (const { when, to } of rules) {
    if (!when.every((condition) => holds(record, condition))) continue
    isMeant = true
    for (const target of to) targets.add(target)
  }
  return isMeant ? targets : targets.add(otherwise)
}

/** All that records may go to. */
export const allTargets = ({ rules, otherwise }: Routes): ReadonlySet<string> => new Set([...rules.flatMap(({ to }) => to), otherwise])

function condition(name: string, values: readonly string[], isNot: boolean): Condition {
  if (!NAMES.has(name)) throw new RangeError(`nothing is told by "${name}"; there are ${[...NAMES].join(', ')}`)
  if (values.length === 0 || values.includes('')) throw new RangeError(`${name}: expected a value`)
  return { name, values, isNot }
}

/** A rule as it is typed. Throws RangeError with what is wrong. */
export function parseRule(text: string): Rule {
  const [left = '', right, more] = text.split('->')
  const to = (right ?? '').split(/\s+/).filter((word) => word !== '')
  if (to.length === 0 || more !== undefined) {
    throw new RangeError(`expected CONDITIONS -> STREAM, such as "domain=crypto -> redis:signals.crypto", got "${text}"`)
  }
  const when = left.split(/\s+/).filter((word) => word !== '').map((word) => {
    const [, name = '', not, values = ''] = /^([^=!]*)(!?)=(.*)$/s.exec(word) ?? []
    if (name === '') throw new RangeError(`expected NAME=VALUE or NAME!=VALUE, got "${word}"`)
    return condition(name, values.split('|'), not === '!')
  })
  return { when, to }
}

/**
 * Rules typed one by one. They may have come as one list parted by commas: a part without an arrow belongs to the one before, whose address has a comma.
 * Throws RangeError.
 */
export function parseRules(parts: readonly string[]): readonly Rule[] {
  const texts: string[] = []
  for (const part of parts) {
    if (part.includes('->') || texts.length === 0) texts.push(part)
    else texts.push(`${texts.pop()},${part}`)
  }
  return texts.map(parseRule)
}

/**
 * Rules as JSON: `{"rules": [{"when": {"domain": ["social", "news"], "urgency": {"not": "low"}}, "to": "redis:fast"}, "kind=bar -> file:bars"],
 * "otherwise": "redis:rest"}`. Throws RangeError that names the place.
 */
export function readRoutes(value: unknown): Routes {
  const { rules, otherwise, ...other } = membersOf(value, 'the whole')
  refuseOthers(other, '', 'rules, otherwise')
  if (!Array.isArray(rules)) throw new RangeError('rules: expected a list')
  if (otherwise !== undefined && (typeof otherwise !== 'string' || otherwise === '')) {
    throw new RangeError(`otherwise: expected the address of a stream, or "${PASSED}"`)
  }
  const ruleOf = (rule: unknown): Rule => (typeof rule === 'string' ? parseRule(rule) : readRule(rule))
  return { rules: rules.map((rule, i) => at(`rules.${i}`, () => ruleOf(rule))), otherwise: otherwise ?? PASSED }
}

function readRule(value: unknown): Rule {
  const { when, to, ...other } = membersOf(value, 'a rule')
  refuseOthers(other, '', 'when, to')
  const conditions = Object.entries(membersOf(when, 'when')).map(([name, said]) => at(`when.${name}`, () => {
    const isNot = isObject(said)
    if (isNot) refuseOthers({ ...said, not: undefined }, '', 'not')
    return condition(name, textsOf(isNot ? said['not'] : said), isNot)
  }))
  return { when: conditions, to: at('to', () => textsOf(to)) }
}

function textsOf(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value]
  const texts = all.filter((one): one is string => typeof one === 'string' && one !== '')
  if (all.length > 0 && texts.length === all.length) return texts
  throw new RangeError('expected a text, or a list of texts')
}

function membersOf(value: unknown, what: string): { readonly [name: string]: unknown } {
  if (!isObject(value)) throw new RangeError(`${what}: expected an object`)
  return value
}

function refuseOthers(other: { readonly [name: string]: unknown }, place: string, known: string): void {
  for (const [name, value] of Object.entries(other)) if (value !== undefined) throw new RangeError(`${place}${name}: unknown; there are ${known}`)
}

function at<T>(place: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${place}: ${error.message}`) : error
  }
}
