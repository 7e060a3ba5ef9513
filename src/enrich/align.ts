import { formatInstant, KINDS, millisOf, note, type Vanta } from '#record'
import { fold, type Emit } from '#tool'
import { Aligner } from '#domain/timing/aligner'
import { ClockSkew } from '#domain/timing/skew'

export default fold({
  name: 'vanta-align',
  summary: 'Put the records of many sources into the order in which they happened.',
  about: [
    'Records are held until the watermark, the latest known_at heard less --lateness, has passed them; then they leave by `at`, parents',
    'before children. What happened longer ago than the lateness when it became known stands that far before its known_at;',
    'what is still to come stands at its known_at. A record that should have stood before one that has left is late: it passes at once,',
    'noted with late_ms, and is never dropped. A source whose raw signals seem to happen after they were heard has a clock',
    'that is ahead: it is set right by the least that explains them, and aligned_at noted. A clock that is behind cannot be told from',
    'slow delivery.',
  ].join(' '),
  options: {
    lateness: { kind: 'duration', default: '10m', help: 'how long to wait for what comes late' },
    mostSkew: { kind: 'duration', default: '1h', help: 'a clock further ahead is no clock: something announced' },
    skewWindow: { kind: 'duration', default: '1d', help: 'time over which a clock is judged' },
    limit: { kind: 'integer', default: '200000', help: 'records to hold at most; beyond, the earliest leave before their time' },
  },
  reads: KINDS,
  examples: [
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | vanta-normalize | vanta-align --lateness 10m | head -3',
  ],
  open({ lateness, mostSkew, skewWindow, limit }, { log }) {
    const skew = new ClockSkew(skewWindow, mostSkew)
    const late = new Map<string, number>()
    let out: Emit = () => undefined
    const aligner = new Aligner<Vanta>({
      latenessMs: lateness, limit, idOf: (record) => record.id,
      leave(record, lateMs) {
        if (lateMs > 0) {
          late.set(record.source, (late.get(record.source) ?? 0) + 1)
          if (record.kind === 'signal' || record.kind === 'belief') note(record, { late_ms: lateMs })
        }
        out(record)
      },
    })
    return {
      each(record, emit) {
        out = emit
        const knownMs = millisOf(record.known_at), atMs = millisOf(record.at)
        const aheadMs = record.kind === 'signal' && record.parents.length === 0 ? skew.hear(record.source, atMs, knownMs) : 0
        const isSkewed = aheadMs > 0 && atMs - knownMs <= mostSkew
        if (isSkewed && record.kind === 'signal') note(record, { aligned_at: formatInstant(atMs - aheadMs) })
        aligner.take({ record, id: record.id, parents: record.parents, atMs: isSkewed ? atMs - aheadMs : atMs, knownMs })
      },
      end(emit) {
        out = emit
        aligner.end()
        for (const { source, aheadMs } of skew.ahead()) log.info(`the clock of ${source} is ahead by ${aheadMs} ms or more`, { source, ahead_ms: aheadMs })
        for (const [source, count] of [...late].sort()) log.warn(`${count} records of ${source} came later than the lateness`, { source, late: count })
        if (aligner.crowded > 0) log.warn(`${aligner.crowded} records left before their time: more than ${limit} were held`, { crowded: aligner.crowded })
      },
    }
  },
})
