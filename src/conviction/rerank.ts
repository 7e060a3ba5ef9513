import type { Belief, Conviction, Signal } from '#record'
import { Failure, fold, type Emit } from '#tool'
import { MomentRanking, mostDigested, RANKABLE } from '#domain/moment'

export default fold({
  name: 'vanta-rerank',
  summary: 'Rank what was said at each moment, and keep the top.',
  about:
    'A moment ends with a tick, or with the input. Of its records one kind is ranked: the one that --rank names; otherwise convictions in ' +
    'a stream with ticks, and the most digested kind there is in one without: convictions, else beliefs, else signals. Only the ranked ones of that kind go on, noted with rank and rank_score, the probability ' +
    'that their direction holds; signals and beliefs also with a reason_vector. Kinds below pass before them, so that the way back to the ' +
    'raw signals stays whole; only beliefs that dropped convictions alone rest on are dropped with these. Kinds above pass after. Whatever ' +
    'was ranked at the last moment stays ahead of a newcomer that does not beat it by the margin. Holds all records of a moment.',
  options: {
    rank: { kind: 'choice', choices: RANKABLE, help: 'the kind to rank (default: convictions where there are ticks, else the most digested)' },
    top: { kind: 'integer', default: '20', help: 'how many to keep' },
    perSubject: { kind: 'integer', help: 'how many of them of one subject (default: no limit)' },
    margin: { kind: 'number', default: '0.02', help: 'by how much a newcomer must beat one ranked before, in rank_score' },
    limit: { kind: 'integer', default: '200000', help: 'records to hold at most; it fails beyond' },
  },
  reads: ['signal', 'belief', 'conviction', 'control'],
  examples: [
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | vanta-normalize | vanta-dedup | ' +
      'vanta-decay --half-life 6h --now 2021-01-15T00:00:00Z | vanta-rerank --top 5 | jq -c .reason_vector',
  ],
  open({ rank, top, perSubject = Infinity, margin, limit }) {
    const ranking = new MomentRanking({ top, perSubject, margin })
    let held: (Signal | Belief | Conviction)[] = []
    let ticked = false
    function flush(emit: Emit): void {
      const moment = held
      held = []
      // A moment that came to no conviction has nothing to rank: its signals are what later ones rest on.
      for (const record of ranking.rank(moment, rank ?? (ticked ? 'conviction' : mostDigested(moment)))) emit(record)
    }
    return {
      each(record, emit) {
        if (record.kind === 'control') {
          if (record.type === 'tick') {
            ticked = true
            flush(emit)
          }
          emit(record)
        } else if (held.push(record) > limit) {
          throw new Failure('refused', `more than ${limit} records in one moment; raise --limit, or let vanta-synthesize make moments`)
        }
      },
      end: flush,
    }
  },
})
