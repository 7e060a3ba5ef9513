import type { Belief, Conviction, Signal } from '#record'
import { Failure, fold, type Emit } from '#tool'
import { MomentRanking, mostDigested, RANKABLE } from '#domain/conviction/moment'
import { StandingRanking } from '#domain/conviction/standing_ranking'
import { SECTORS_FILE, sectorsIn } from '#domain/vault/sectors'

export default fold({
  name: 'vanta-rerank',
  summary: 'Rank what was said at each moment, and keep the top.',
  about: [
    'A moment ends with a tick, or with the input. One kind is ranked: the one that --rank names; otherwise convictions in a',
    'stream with ticks, and in one without the most digested kind there is: convictions, else beliefs, else signals.',
    'Only the ranked of that kind go on, noted with rank and rank_score, the probability that their direction holds; signals',
    'and beliefs also with a reason_vector. Kinds below pass before them, so that the way back to the raw signals stays whole;',
    'beliefs that only dropped convictions rest on go with these. Kinds above pass after.',
    'With ticks, all convictions that stand are ranked, those of earlier moments too. One that is not ranked is held back until',
    'it is; one that follows another that has passed always passes. A `ranking` is added where the order has changed.',
    'Whatever was ranked at the last moment stays ahead of a newcomer that does not beat it by the margin, and keeps its order among the ranked until it',
    'is overtaken by enough to matter. The top can be spread: so many of a subject, so many of a sector.',
    'All records of a moment are held until it ends.',
  ].join(' '),
  options: {
    rank: { kind: 'choice', choices: RANKABLE, help: 'kind to rank (default: convictions where there are ticks)' },
    top: { kind: 'integer', default: '20', help: 'how many to keep' },
    perSubject: { kind: 'integer', help: 'how many of them of one subject (default: no limit)' },
    perSector: { kind: 'integer', help: 'how many of them of one sector, as memory/sectors.json names it (default: no limit)' },
    margin: { kind: 'number', default: '0.02', help: 'by how much a newcomer must beat one ranked before, in rank_score' },
    overtake: { kind: 'number', default: '0.005', help: 'by how much one ranked before must beat another to pass it, in rank_score' },
    limit: { kind: 'integer', default: '200000', help: 'records to hold at most; it fails beyond' },
  },
  reads: ['signal', 'belief', 'conviction', 'control'],
  examples: [
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | vanta-normalize | vanta-dedup | ' +
      'vanta-decay --half-life 6h --now 2021-01-15T00:00:00Z | vanta-rerank --top 5 | jq -c .reason_vector',
  ],
  open({ rank, top, perSubject = Infinity, perSector, margin, overtake, limit }, { by, store }) {
    const sectors = perSector === undefined ? undefined : sectorsIn(store.read(SECTORS_FILE)?.memory)
    const options = { top, perSubject, perSector, margin, overtake, sectorOf: sectors === undefined ? undefined : (subject: string) => named(sectors(subject)) }
    const ranking = new MomentRanking(options)
    const standing = new StandingRanking(options, by)
    let held: (Signal | Belief | Conviction)[] = []
    /** The last tick, or undefined in a stream without. */
    let ticked: string | undefined
    function flush(emit: Emit): void {
      const moment = held
      held = []
      const kind = rank ?? (ticked === undefined ? mostDigested(moment) : 'conviction')
      const kept = ticked !== undefined && kind === 'conviction' ? standing.close(moment, ticked) : ranking.rank(moment, kind)
      for (const record of kept) emit(record)
    }
    return {
      each(record, emit) {
        if (record.kind !== 'control') {
          if (held.push(record) > limit) {
            throw new Failure('refused', `more than ${limit} records in one moment: raise --limit, or have ticks made upstream`)
          }
          return
        }
        if (record.type === 'tick') {
          ticked = record.at
          flush(emit)
        }
        emit(record)
      },
      end(emit) {
        // What came after the last tick without any conviction belongs to no moment.
        if (ticked !== undefined && rank === undefined && !held.some(({ kind }) => kind === 'conviction')) held.forEach(emit)
        else flush(emit)
      },
    }
  },
})

/** Subjects of no named sector have nothing in common. */
const named = (sector: string): string | undefined => (sector === 'unknown' ? undefined : sector)
