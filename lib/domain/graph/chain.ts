/** What is believed of one thing because of what is believed of others that have to do with it. */
import { make, type Belief, type Link, type Millis, formatInstant } from '#record'
import { weigh, type Weighed } from '../conviction/conviction.ts'
import { LiveEvidence } from '../conviction/live_evidence.ts'
import { BASE_RATE } from '../conviction/priors.ts'
import { rounded } from '../conviction/stacker.ts'
import { propagate, type Coupling, type Propagation } from './belief_propagation.ts'
import { couplingGiven } from './relations.ts'

export const CHAIN = 'chain'

export interface ChainTerms {
  readonly by: string
  /** Least change of what a thing is told that is worth saying. */
  readonly restate: number
  /** Steps from a thing with evidence that are looked at. */
  readonly depth: number
  /** Links remembered; the longest unheard go first. */
  readonly links: number
}

/** What became of one moment, for the log. */
export interface Report extends Pick<Propagation, 'rounds' | 'converged' | 'isTree' | 'change'> {
  readonly things: number
  readonly couplings: number
}

/** Reasons named of one belief. */
const REASONS_MOST = 5

/**
 * Holds the evidence on each subject, as `vanta-synthesize` does, and the links between subjects. The belief that it makes of a subject is what the
 * others lend it and never what it said itself; beliefs that it made are no evidence to it.
 */
export class Chain {
  readonly evidence: LiveEvidence
  readonly #terms: ChainTerms
  readonly #links = new Map<string, Link>()
  readonly #said = new Map<string, number>()

  constructor(terms: ChainTerms, limit: number, floor: number) {
    this.#terms = terms
    this.evidence = new LiveEvidence(limit, floor)
  }

  link(link: Link): void {
    const key = `${link.from} ${link.relation} ${link.to}`
    this.#links.delete(key)
    if (link.probability > 0 && couplingGiven(link.relation, link.probability) !== 0) this.#links.set(key, link)
    if (this.#links.size <= this.#terms.links) return
    for (const oldest of this.#links.keys()) {
      this.#links.delete(oldest)
      break
    }
  }

  /** The beliefs that are news at a moment, by subject. */
  at(momentMs: Millis): { readonly beliefs: readonly Belief[]; readonly report: Report | undefined } {
    if (this.#links.size === 0) return { beliefs: [], report: undefined }
    const known = new Map<string, Weighed>()
    for (const subject of this.evidence.subjects) {
      const weighed = weigh(subject, this.evidence.at(subject, momentMs), momentMs, { baseRate: BASE_RATE })
      if (weighed !== undefined) known.set(subject, weighed)
    }
    const beliefs: Belief[] = []
    const report = { rounds: 0, converged: true, isTree: true, change: 0, things: 0, couplings: 0 }
    for (const links of piecesOf(this.#near([...known.keys()]))) {
      const names = [...new Set(links.flatMap(({ from, to }) => [from, to]))].sort()
      const numbers = new Map(names.map((name, i) => [name, i]))
      const own = names.map((name) => riseOf(known.get(name)))
      const couplings = links.map(({ from, to, relation, probability }): Coupling =>
        ({ a: numbers.get(from) ?? 0, b: numbers.get(to) ?? 0, coupling: couplingGiven(relation, probability) }))
      const all = propagate(own, couplings)
      report.rounds = Math.max(report.rounds, all.rounds)
      report.change = Math.max(report.change, all.change)
      report.converged &&= all.converged
      report.isTree &&= all.isTree
      report.things += names.length
      report.couplings += couplings.length
      names.forEach((name, i) => {
        if (!isTradable(name)) return
        // Round a cycle what a thing says would come back to it as if others said it: it is asked about with its own evidence left out.
        const propagation = all.isTree || own[i] === 0 ? all : propagate(own.map((rise, k) => (k === i ? 0 : rise)), couplings)
        // What did not stand still is not believed.
        const told = propagation.converged ? rounded(propagation.told[i] ?? 0) : 0
        if (Math.abs(told - (this.#said.get(name) ?? 0)) < this.#terms.restate) return
        this.#said.set(name, told)
        beliefs.push(this.#belief(name, told, { names, links, couplings, propagation, known, numbers }, momentMs))
      })
    }
    beliefs.sort((x, y) => (x.subject < y.subject ? -1 : 1))
    return { beliefs, report }
  }

  #belief(name: string, told: number, world: World, momentMs: Millis): Belief {
    const reasons = reasonsOf(name, world).slice(0, REASONS_MOST)
    const at = formatInstant(momentMs)
    return make('belief', {
      at, known_at: at, source: 'vanta-chain', by: this.#terms.by,
      parents: [...new Set(reasons.flatMap(({ evidence }) => evidence))],
      subject: name, maker: CHAIN, direction: told < 0 ? 'down' : 'up', log_odds: Math.abs(told), horizon: '5d',
      reason_vector: reasons,
    })
  }

  /** Links within reach of a subject with evidence. */
  #near(subjects: readonly string[]): readonly Link[] {
    const around = new Map<string, Link[]>()
    for (const link of this.#links.values()) for (const end of [link.from, link.to]) {
      const known = around.get(end)
      if (known === undefined) around.set(end, [link])
      else known.push(link)
    }
    const reached = new Set(subjects), taken = new Set<Link>()
    let edge = subjects
    for (let step = 0; step < this.#terms.depth && edge.length > 0; step++) {
      const next: string[] = []
      for (const name of edge) for (const link of around.get(name) ?? []) {
        taken.add(link)
        const other = link.from === name ? link.to : link.from
        if (!reached.has(other)) next.push(other)
        reached.add(other)
      }
      edge = next
    }
    return [...taken].sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}

/** Links by what hangs together, each piece and the pieces in a fixed order. */
function piecesOf(links: readonly Link[]): readonly (readonly Link[])[] {
  const above = new Map<string, string>()
  const rootOf = (name: string): string => {
    let root = name
    for (let next = above.get(root); next !== undefined && next !== root; next = above.get(root)) root = next
    above.set(name, root)
    return root
  }
  for (const { from, to } of links) {
    const left = rootOf(from), right = rootOf(to)
    if (left !== right) above.set(left < right ? right : left, left < right ? left : right)
  }
  const pieces = new Map<string, Link[]>()
  for (const link of links) {
    const piece = pieces.get(rootOf(link.from))
    if (piece === undefined) pieces.set(rootOf(link.from), [link])
    else piece.push(link)
  }
  return [...pieces.values()]
}

interface World {
  readonly names: readonly string[]
  readonly numbers: ReadonlyMap<string, number>
  readonly links: readonly Link[]
  readonly couplings: readonly Coupling[]
  readonly propagation: Propagation
  readonly known: ReadonlyMap<string, Weighed>
}

const riseOf = (weighed: Weighed | undefined): number =>
  weighed === undefined ? 0 : weighed.stacked.direction === 'up' ? weighed.stacked.logOdds : -weighed.stacked.logOdds

/** People and forums are on the way, not at the end of it. */
const isTradable = (name: string): boolean => /^(?:ticker|coin|token|pair):/.test(name)

interface Said {
  readonly term: string
  readonly log_odds: number
  readonly evidence: string[]
}

/**
 * What each neighbour lends, the most first, in words, with the link and what the neighbour rests on: its own evidence, or the next step of the
 * chain where it has none. The parts add up to what the thing is told.
 */
function reasonsOf(name: string, { numbers, links, couplings, propagation, known, names }: World): Said[] {
  const at = numbers.get(name) ?? 0
  const parts = couplings.flatMap(({ a, b }, i) => {
    if (a !== at && b !== at) return []
    const other = a === at ? b : a
    const link = links[i]
    const from = names[other] ?? ''
    const lends = propagation.messages[2 * i + (a === at ? 1 : 0)] ?? 0
    if (link === undefined) return []
    return [{ term: `${CHAIN}: ${from} (${link.relation}, ${link.reason})`, log_odds: rounded(lends), evidence: [link.id, ...restsOn(from, name)] }]
  })
  return parts.sort((x, y) => Math.abs(y.log_odds) - Math.abs(x.log_odds) || (x.term < y.term ? -1 : 1))

  function restsOn(from: string, notVia: string): string[] {
    const weighed = known.get(from)
    if (weighed !== undefined) {
      return weighed.views.flatMap(({ evidence, beliefId }) => (beliefId === undefined ? evidence.slice(0, 2) : [beliefId])).slice(0, 3)
    }
    const next = links.filter((link) => (link.from === from) !== (link.to === from))
      .map((link) => ({ link, other: link.from === from ? link.to : link.from }))
      .find(({ other }) => other !== notVia && known.has(other))
    return next === undefined ? [] : [next.link.id, ...restsOn(next.other, from)]
  }
}
