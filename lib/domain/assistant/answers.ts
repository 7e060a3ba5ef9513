/** What the records answer to a question, a function a topic. What is not in them is said to be unknown. */
import { millisOf, SECOND_MS, type Allocation, type Conviction, type Fill, type Pnl, type Signal, type Vanta } from '#record'
import { formatFixed } from '../money/decimal.ts'
import { centsOf, fixedOf, formatCents } from '../money/money.ts'
import { REASONS } from '../report/why.ts'
import { subjectName } from '../report/wording.ts'
import { OVERLAY_FILE } from '../vault/overlay.ts'
import { asOfText, by, stated, type Answer, type Citation, type Statement } from './answer.ts'
import type { Intent, Topic } from './intent.ts'
import { Ranking, textOf, textOfLine, wordsSought } from './search.ts'
import { isWithin, lineCited, memoryAt, memoryLines, within, type MemoryLine, type Sources } from './sources.ts'
import { convictionText, fillText, signed, told } from './told.ts'

/** Statements of one kind in an answer; the others are counted. */
const MOST = 5
/** Records behind a reason that are told one by one. */
const EVIDENCE = 3
const DEPTH = 6

type Found = Pick<Answer, 'statements' | 'unknown'> & { readonly intent?: Intent }
const nothing = (unknown: string): Found => ({ statements: [], unknown: [unknown] })
const found = (statements: readonly Statement[], otherwise: string): Found => (statements.length === 0 ? nothing(otherwise) : { statements, unknown: [] })

export function answer(intent: Intent, sources: Sources): Answer {
  const { statements, unknown, intent: resolved = intent } = ANSWERS[intent.topic](intent, sources)
  return { intent: resolved, as_of: asOfText(sources.asOfMs), statements, unknown }
}

const ANSWERS: { readonly [topic in Topic]: (intent: Intent, sources: Sources) => Found } = {
  record({ id = '' }, { only, find }) {
    const one = only(id)
    if ('candidates' in one) {
      return nothing(one.candidates.length === 0 ? `a record ${id}` : `which of the records that begin with ${id} is meant`)
    }
    const parents = one.parents.flatMap((parent) => find(parent) ?? [])
    const made = parents.slice(0, MOST).map(told).map((parent) => ({ ...parent, text: `Made from: ${parent.text}` }))
    return { statements: [told(one), ...made], unknown: [] }
  },

  switch(intent, sources) {
    const statements: Statement[] = []
    const file = `memory/${OVERLAY_FILE}`, kill = memoryAt(sources, file, 'kill')
    if (kill !== undefined) statements.push(stated(`The kill switch is ${kill.value === 'false' ? 'off' : 'ON'}`, [lineCited(kill)]))
    for (const name of ['orders_disabled', 'calls_disabled', 'maintenance', 'flatten']) {
      const line = memoryAt(sources, file, name)
      if (line !== undefined && line.value !== 'false') statements.push(stated(`${name} is set`, [lineCited(line)]))
    }
    statements.push(...overruled(intent, sources).slice(-MOST).reverse())
    return found(statements, `the kill switch: logs/overlay.ndjson holds no change of it${span(intent)}${asOf(sources)}`)
  },

  feeds(intent, sources) {
    const last = new Map<string, Vanta & { kind: 'health' }>(), statements: Statement[] = []
    for (const one of within('health', intent, sources)) last.set(`${one.source} ${one.stream}`, one)
    const all = [...last.values()].filter(({ source }) => intent.source === undefined || source.includes(intent.source))
    for (const one of all.filter(({ state }) => state !== 'live')) statements.push(told(one))
    const live = all.filter(({ state }) => state === 'live')
    if (live.length > 0) statements.push(counted(`streams were live when last heard of`, live))
    for (const file of sources.memory) {
      if (!/^memory\/cursor_.*\.json$/.test(file.file)) continue
      for (const line of memoryLines(file)) {
        const stream = /^heard\.(.*)\.state$/.exec(line.path)?.[1]
        if (stream === undefined || line.value.includes('live')) continue
        statements.push(stated(`A stream of ${file.file} is ${plain(line.value)}`, [lineCited(line)], { quote: stream }))
      }
    }
    return found(statements, `how feeds fare: the log has no word of one${asOf(sources)}`)
  },

  failures(intent, sources) {
    const statements: Statement[] = []
    for (const kind of ['refusal', 'warning'] as const) {
      const codes = new Map<string, Vanta[]>()
      for (const one of within(kind, intent, sources)) codes.set(one.code, [...(codes.get(one.code) ?? []), one])
      for (const [code, all] of [...codes].sort((a, b) => b[1].length - a[1].length)) {
        statements.push(counted(`${kind === 'refusal' ? 'refusals' : 'warnings'}: ${code}`, all))
        all.slice(-1).forEach((one) => statements.push(told(one)))
      }
    }
    const orders = [...within('order', intent, sources)].filter(({ state }) => state === 'rejected' || state === 'unknown')
    statements.push(...orders.slice(-MOST).reverse().map(told))
    const feeds = [...within('health', intent, sources)].filter(({ state }) => state !== 'live')
    statements.push(...feeds.slice(-MOST).reverse().map(told))
    const slots = [...sources.logged('slots.ndjson')].filter(({ record }) => isWithin(record, intent) && record.kind === 'control' &&
      !['done', 'negative', 'unconfigured'].includes(String(record.facts?.['outcome'])))
    for (const { record, ...place } of slots.slice(-MOST).reverse()) {
      const { role, job, outcome } = record.kind === 'control' ? record.facts ?? {} : {}
      statements.push(stated(`Job ${plain(role)}/${plain(job)}: ${plain(outcome)} at ${record.at}`, [lineCited(place)]))
    }
    const none = 'a failure: the log holds no refusal, warning, rejected or unknown order, silent feed or failed job'
    return found(statements, `${none}${span(intent)}${asOf(sources)}`)
  },

  traded(intent, sources) {
    const fills = [...within('fill', intent, sources)].filter(({ side }) => intent.side === undefined || side === intent.side)
    const [last, ...others] = fills.reverse()
    if (last === undefined) {
      const what = intent.side === 'sell' ? 'sale' : intent.side === 'buy' ? 'purchase' : 'trade'
      return nothing(`why: the log holds no ${what}${of(intent)}${span(intent)}${asOf(sources)}`)
    }
    const told = [...whyOf(last, sources), ...others.slice(0, MOST - 1).map((fill) => stated(fillText(fill), by(fill)))], more = others.slice(MOST - 1)
    return { statements: more.length === 0 ? told : [...told, counted('earlier fills', more)], unknown: [] }
  },

  said(intent, sources) {
    const { source } = intent
    if (intent.subject === undefined) return nothing('what was said of whom: no subject is named, such as GME or ticker:GME')
    const mentions = [...within('signal', intent, sources)].filter((one) => one.subject === intent.subject && one.polarity !== undefined &&
      (source === undefined || one.source.split(/[/:]/)[0] === source))
    if (mentions.length === 0) return nothing(`what ${source ?? 'anybody'} said${of(intent)}: the log holds nothing${span(intent)}${asOf(sources)}`)
    const name = subjectName(intent.subject), pick = (test: (polarity: number) => boolean): Signal[] => mentions.filter(({ polarity = 0 }) => test(polarity))
    const groups: readonly (readonly [string, readonly Signal[]])[] = [
      ['bullish', pick((polarity) => polarity > 0)], ['bearish', pick((polarity) => polarity < 0)], ['neither', pick((polarity) => polarity === 0)],
    ]
    const counts = groups.filter(([, all]) => all.length > 0).map(([how, all]) => counted(`readings of ${name} were ${how}`, all))
    const heaviest = [...mentions].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0)).slice(0, MOST)
    return { statements: [...counts, ...heaviest.map((one) => withWords(one, sources))], unknown: [] }
  },

  conviction(intent, sources) {
    if (intent.subject === undefined) {
      const ranking = [...within('ranking', intent, sources)].at(-1)
      if (ranking === undefined) return nothing(`the convictions that stand: the log holds no ranking${span(intent)}${asOf(sources)}`)
      return { statements: ranking.ranked.slice(0, MOST).flatMap(({ conviction }) => {
        const one = sources.find(conviction)
        return one?.kind === 'conviction' ? [stated(convictionText(one), by(one, ranking))] : []
      }), unknown: [] }
    }
    const last = [...within('conviction', intent, sources)].at(-1)
    if (last === undefined) return nothing(`a conviction${of(intent)}: the log holds none${span(intent)}${asOf(sources)}`)
    const endMs = millisOf(last.at) + last.ttl * SECOND_MS
    const ended = last.ttl === 0 ? 'It has been taken back' : sources.asOfMs !== Infinity && endMs <= sources.asOfMs ? 'It no longer stands' : undefined
    const standing = ended === undefined ? `It stands for ${last.ttl} seconds from then, unless it is said again` : ended
    return { statements: [stated(convictionText(last), by(last)), stated(standing, by(last)), ...reasonsOf(last, sources)], unknown: [] }
  },

  holdings(intent, sources) {
    // All movements up to then count, of whatever subject a split or merger was booked on.
    const booked: Intent = { topic: 'holdings', ...(intent.vault !== undefined && { vault: intent.vault }), ...(intent.to !== undefined && { to: intent.to }) }
    const held = new Map<string, { readonly vault: string; readonly subject: string; readonly parts: { readonly text: string; readonly entry: Vanta }[] }>()
    for (const entry of within('entry', booked, sources)) {
      for (const { account, quantity } of entry.postings) {
        const subject = POSITION.exec(account)?.[1]
        if (subject === undefined || quantity === undefined || (intent.subject !== undefined && subject !== intent.subject)) continue
        const key = `${entry.vault} ${subject}`, one = held.get(key) ?? { vault: entry.vault, subject, parts: [] }
        one.parts.push({ text: quantity, entry })
        held.set(key, one)
      }
    }
    const statements = [...held.values()].flatMap(({ vault, subject, parts }) => {
      const sum = parts.reduce((total, { text }) => total + fixedOf(text), 0n), figure = formatFixed(sum)
      if (sum === 0n) return []
      return [stated(`Vault ${vault} holds ${figure} ${subjectName(subject)}`, by(...parts.map(({ entry }) => entry)), {
        worked: [{ figure, how: 'sum', of: parts.map(({ text }) => text) }],
      })]
    })
    if (statements.length > 0 || held.size === 0) return found(statements, `what is held${of(intent)}: the books in the log have no position${asOf(sources)}`)
    const all = [...held.values()].flatMap(({ parts }) => parts.map(({ entry }) => entry))
    return { statements: [stated(`Nothing${of(intent)} is held any more`, by(...all))], unknown: [] }
  },

  performance(intent, sources) {
    const vaults = new Map<string, Map<string, Pnl>>()
    // The day before the span is what it is compared with, so that its beginning is looked for below.
    for (const one of within('pnl', { topic: 'performance', ...(intent.vault !== undefined && { vault: intent.vault }) }, sources)) {
      const days = vaults.get(one.vault) ?? new Map<string, Pnl>()
      vaults.set(one.vault, days.set(one.day, one))
    }
    const statements: Statement[] = []
    let resolved = intent
    for (const [vault, days] of vaults) {
      const books = [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1))
      const within = books.filter(({ day }) => day >= (intent.from ?? '').slice(0, 10) && (intent.to === undefined || day <= intent.to.slice(0, 10)))
      const last = within.at(-1), first = within[0]
      if (last === undefined || first === undefined) continue
      if (intent.from === undefined) resolved = { ...intent, from: `${last.day}T00:00:00.000Z`, to: `${last.day}T23:59:59.999Z` }
      const start = intent.from === undefined ? first : books[books.indexOf(first) - 1] ?? first
      statements.push(told(last), ...profitOf(vault, start, last, books.slice(books.indexOf(start) + 1, books.indexOf(last) + 1)))
    }
    const vault = intent.vault === undefined ? '' : ` vault ${intent.vault}`
    return { ...found(statements, `how${vault === '' ? ' it' : vault} did: the log holds no close of a day${span(intent)}${asOf(sources)}`), intent: resolved }
  },

  changes(intent, sources) {
    const statements = overruled(intent, sources)
    for (const kind of ['vault', 'risk', 'fill'] as const) {
      const all: Vanta[] = [...within(kind, intent, sources)]
      statements.push(...all.slice(-MOST).reverse().map(told))
      if (all.length > MOST) statements.push(counted(`more records of kind ${kind}`, all.slice(0, -MOST)))
    }
    const convictions: Conviction[] = [...within('conviction', intent, sources)]
    if (convictions.length > 0) statements.push(counted('convictions were said or taken back', convictions))
    return found(statements, `a change${of(intent)}: the log holds none${span(intent)}${asOf(sources)}`)
  },

  search(intent, sources) {
    const sought = [...new Set([...wordsSought(intent.words ?? ''), ...(intent.subject === undefined ? [] : wordsSought(subjectName(intent.subject)))])]
    const ranking = new Ranking<{ readonly id: string } | MemoryLine>(sought)
    for (const record of sources.records({})) {
      if (record.kind !== 'bar' && record.kind !== 'price' && isWithin(record, intent)) ranking.add({ id: record.id }, textOf(record))
    }
    for (const file of sources.memory) for (const line of memoryLines(file)) ranking.add(line, textOfLine(line))
    const statements = ranking.best(MOST).flatMap((one) => {
      if ('file' in one) return [stated(`${one.file} says of ${one.path}`, [lineCited(one)], { quote: one.value })]
      const record = sources.find(one.id)
      return record === undefined ? [] : [told(record)]
    })
    const unknown = 'the question is none that I can answer from its words; these records have most of them'
    return statements.length === 0 ? nothing(`that: no record has a word of "${sought.join(' ')}"${asOf(sources)}`) : { statements, unknown: [unknown] }
  },
}

const POSITION = /^(?:assets|liabilities):position:(.+)$/

/** Changes of the overlay: what, by whom, and in quotes why. */
function overruled(intent: Intent, sources: Sources): Statement[] {
  return [...sources.logged('overlay.ndjson')].flatMap(({ record, ...place }) => {
    if (record.kind !== 'control' || !isWithin(record, intent)) return []
    const { what, who } = record.facts ?? {}
    return [{ ...told(record), text: `${plain(what)} by ${plain(who)} at ${record.at}`, citations: [lineCited(place)] }]
  })
}

/** A fill, the decision behind it, and the reasons of that. */
function whyOf(fill: Fill, sources: Sources): Statement[] {
  const statements = [stated(fillText(fill), by(fill))]
  const allocation = ancestor(fill, 'allocation', sources) as Allocation | undefined
  if (allocation === undefined) return [...statements, stated('The log does not hold the decision behind it', by(fill))]
  const { vault, fraction, reason, band } = allocation
  statements.push(stated(`Vault ${vault} wanted ${fraction} of its equity in it (band ${band}), because ${REASONS[reason] ?? reason}`, by(allocation)))
  const conviction = ancestor(allocation, 'conviction', sources) as Conviction | undefined
  return conviction === undefined ? statements : [...statements, stated(convictionText(conviction), by(conviction)), ...reasonsOf(conviction, sources)]
}

/** The nearest record of that kind that it was made from. */
function ancestor(record: Vanta, kind: 'allocation' | 'conviction', { find }: Sources): Vanta | undefined {
  let layer: readonly Vanta[] = [record]
  for (let depth = 0; depth < DEPTH && layer.length > 0; depth++) {
    layer = layer.flatMap(({ parents }) => parents.flatMap((id) => find(id) ?? []))
    const one = layer.find((parent) => parent.kind === kind)
    if (one !== undefined) return one
  }
  return undefined
}

function reasonsOf(conviction: Conviction, sources: Sources): Statement[] {
  const telling = conviction.reason_vector.filter(({ log_odds: logOdds, evidence }) => logOdds !== 0 || evidence.length > 0)
  return telling.flatMap(({ term, log_odds: logOdds, evidence }) => [
    stated(`${signed(logOdds)} of it is ${term}`, [...by(conviction), ...evidence.map((id): Citation => ({ record: id }))]),
    ...evidence.slice(0, EVIDENCE).flatMap((id) => {
      const one = sources.find(id)
      return one === undefined ? [] : [one.kind === 'signal' ? withWords(one, sources) : told(one)]
    }),
  ])
}

/** A reading with the words that it was read in, which stand in the post behind it. */
function withWords(signal: Signal, { find }: Sources): Statement {
  const own = told(signal), parent = signal.parents.map(find).find((one) => one !== undefined)
  const words = own.quote ?? (parent === undefined ? undefined : told(parent).quote)
  return words === undefined || parent === undefined || own.quote !== undefined ? own : { ...own, quote: words, citations: by(signal, parent) }
}

/** What came of a span of closes, without what was paid in or out after its first. */
function profitOf(vault: string, first: Pnl, last: Pnl, after: readonly Pnl[]): Statement[] {
  if (first === last) return []
  const flows = after.flatMap((one) => (one.flow === undefined ? [] : [one])), of = [last.equity, first.equity, ...flows.map(({ flow = '0' }) => flow)]
  const figure = formatCents(of.slice(1).reduce((left, text) => left - centsOf(text), centsOf(last.equity)))
  const paid = flows.length === 0 ? '' : ', without what was paid in or out'
  return [stated(`From the close of ${first.day}, equity ${first.equity}, to that of ${last.day} vault ${vault} made ${figure} ${last.currency}${paid}`,
    by(last, first, ...flows), { worked: [{ figure, how: 'difference', of }] })]
}

function counted(what: string, records: readonly Vanta[]): Statement {
  const figure = String(records.length)
  return stated(`${figure} ${what}`, by(...[...records].reverse()), { worked: [{ figure, how: 'count', of: records.map(({ id }) => id) }] })
}

const plain = (value: unknown): string => (typeof value === 'string' ? value.replace(/[^\p{L}\p{N} ._/@-]/gu, '').trim() : 'unknown')
const of = ({ subject }: Intent): string => (subject === undefined ? '' : ` of ${subjectName(subject)}`)
const span = ({ from, to }: Intent): string => `${from === undefined ? '' : ` from ${from}`}${to === undefined ? '' : ` to ${to}`}`
const asOf = ({ asOfMs }: Sources): string => {
  const moment = asOfText(asOfMs)
  return moment === null ? '' : ` as of ${moment}`
}
