/** What signals themselves state of who is who: the surest links there are, made of numbers that registries give out. */
import { make, type Link, type Signal } from '#record'

interface Stated {
  readonly from: string
  readonly to: string
  readonly relation: string
  readonly probability: number
  readonly reason: string
}

/** Links remembered as said; beyond, the longest unheard are forgotten, and said again when heard. */
const SAID_MOST = 300_000

/** Says each link once, and again where its probability changed. */
export class StatedLinks {
  readonly #by: string
  readonly #said = new Map<string, number>()
  readonly #handles = new Handles()

  constructor(by: string) {
    this.#by = by
  }

  of(signal: Signal): readonly Link[] {
    const stated = [...statedIn(signal), ...this.#handles.of(signal)]
    return stated.filter((one) => this.#isNews(one)).map((one) => this.#link(signal, one))
  }

  #isNews({ from, to, relation, probability }: Stated): boolean {
    const key = `${from} ${relation} ${to}`
    const known = this.#said.get(key)
    this.#said.delete(key)
    this.#said.set(key, probability)
    if (this.#said.size > SAID_MOST) for (const oldest of this.#said.keys()) {
      this.#said.delete(oldest)
      break
    }
    return known !== probability
  }

  #link({ id, at, known_at, source }: Signal, stated: Stated): Link {
    return make('link', { at, known_at, source, by: this.#by, parents: [id], ...stated })
  }
}

function statedIn(signal: Signal): readonly Stated[] {
  switch (signal.type) {
    case 'form3':
    case 'form4':
    case 'form5':
      return ofOwnership(signal)
    case 'form13f':
      return ofHolding(signal)
    case 'transfer':
      return ofTransfer(signal)
    default:
      return ofPair(signal)
  }
}

type Members = { readonly [name: string]: unknown }
const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined)

/** By the registry's number where it is stated, else by the name as written, which two may share. */
function identity(kind: 'person' | 'company' | 'manager', cik: unknown, name: unknown): { readonly subject: string; readonly probability: number } | undefined {
  const number = textOf(cik), words = textOf(name)
  if (number !== undefined) return { subject: `${kind}:cik:${number.padStart(10, '0')}`, probability: 1 }
  return words === undefined ? undefined : { subject: `${kind}:name:${words.toLowerCase().replace(/\s+/g, ' ')}`, probability: BY_NAME }
}
/** That two of one name are one. */
const BY_NAME = 0.9

function ofOwnership({ subject, facts = {} }: Signal): readonly Stated[] {
  const company = identity('company', facts['issuer_cik'], facts['issuer_name'])
  if (company === undefined) return []
  const stated: Stated[] = []
  if (subject?.startsWith('ticker:') === true) {
    stated.push({ from: company.subject, to: subject, relation: 'listed_as', probability: company.probability, reason: 'the filing names issuer and symbol' })
  }
  const owners = Array.isArray(facts['owners']) ? facts['owners'].filter(isMembers) : []
  for (const { cik, name } of owners) {
    const person = identity('person', cik, name)
    if (person === undefined) continue
    const probability = Math.min(person.probability, company.probability)
    stated.push({ from: person.subject, to: company.subject, relation: 'insider_of', probability, reason: 'reports ownership of the issuer' })
  }
  return stated
}

function ofHolding({ subject, facts = {} }: Signal): readonly Stated[] {
  const manager = identity('manager', facts['manager_cik'], facts['manager'])
  const cusip = textOf(facts['cusip'])
  if (manager === undefined || cusip === undefined) return []
  const holds: Stated = { from: manager.subject, to: `cusip:${cusip}`, relation: 'holds', probability: 1, reason: 'the holdings report lists it' }
  if (subject?.startsWith('ticker:') !== true) return [holds]
  return [holds, { from: `cusip:${cusip}`, to: subject, relation: 'listed_as', probability: 0.98, reason: 'the table of CUSIP numbers' }]
}

function ofTransfer({ facts = {} }: Signal): readonly Stated[] {
  const chain = textOf(facts['chain']), labels = facts['labels']
  if (chain === undefined || !isMembers(labels)) return []
  return (['from', 'to'] as const).flatMap((side): Stated[] => {
    const address = textOf(facts[side]), label = labels[side]
    const name = isMembers(label) ? textOf(label['name']) : undefined
    if (address === undefined || name === undefined || !isMembers(label)) return []
    const kind = label['kind'] === 'exchange' ? 'exchange' : 'owner'
    const to = `${kind}:${name.toLowerCase().replace(/\s+\d+$/, '')}`
    return [{ from: `wallet:${chain}:${address}`, to, relation: 'belongs_to', probability: 0.95, reason: `labelled "${name}"` }]
  })
}

function ofPair({ subject }: Signal): readonly Stated[] {
  const coin = subject === undefined ? undefined : /^pair:([A-Z0-9]+)\//.exec(subject)?.[1]
  if (subject === undefined || coin === undefined) return []
  return [{ from: subject, to: `coin:${coin}`, relation: 'quoted_in', probability: 1, reason: 'the pair is named by its coin' }]
}

/** Handles of authors remembered. */
const HANDLES_MOST = 200_000

/**
 * The same handle on two services may be the same person: the longer and odder it is, the likelier. Short ones are never linked. Cautious, since
 * handles are taken over and imitated.
 */
class Handles {
  readonly #known = new Map<string, string>()

  of({ author, parents }: Signal): readonly Stated[] {
    if (author === undefined || parents.length > 0) return []
    const [service = '', ...rest] = author.split(':')
    const handle = rest.at(-1)?.replace(/^@/, '').toLowerCase() ?? ''
    if (rest.length > 1 || !/^[a-z0-9_.-]{8,40}$/.test(handle) || /^\d+$/.test(handle)) return []
    const name = `author:${author}`
    const other = this.#known.get(handle)
    if (other === undefined) {
      this.#known.set(handle, name)
      if (this.#known.size > HANDLES_MOST) for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest)
        break
      }
      return []
    }
    if (other.startsWith(`author:${service}:`)) return []
    const probability = handle.length >= 12 || /\d.*\d/.test(handle) ? 0.7 : 0.5
    return [{ from: other, to: name, relation: 'same_as', probability, reason: `the handle "${handle}" on both` }]
  }
}
