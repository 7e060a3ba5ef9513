import { isAfter, make, type Control, type Signal } from '#record'
import { filter, Failure, type Emit } from '#tool'
import { NearTexts, type Echo } from '#domain/dedup/near'
import { Seen, type Heard } from '#domain/dedup/seen'

export default filter({
  name: 'vanta-dedup',
  summary: 'Drop signals heard before, and the same or nearly the same text posted again under another key.',
  about: [
    'A record is dropped where its id was seen, or where its fingerprint and subject were seen under another key: a re-post,',
    'by whomever. The first is kept. A reading restated under its own key passes. With --near, texts that share so much of their',
    'words and word pairs with an earlier one (exact Jaccard, found by MinHash), from any source, are echoes of it: the text itself',
    'passes, an `echo` says who said it first and how often since, and its readings are dropped unless they are of another subject.',
    'With --remember it goes on from what the audit log of the home holds, so that a restart forgets nothing, and says in a `known` record',
    'what it dropped as heard before: tools ahead of it have heard it all the same. Memory is bounded: what is older than two windows of the',
    'stream\'s own time is forgotten, what is younger than one is not.',
  ].join(' '),
  options: {
    window: { kind: 'duration', default: '7d', help: 'how long to remember, by known_at' },
    near: { kind: 'number', help: 'least likeness of an echo, such as 0.8 (default: only the same text is one)' },
    remember: { kind: 'flag', help: 'remember what the audit log of the home holds' },
  },
  reads: ['signal'],
  examples: [
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | ' +
      'vanta-normalize | vanta-dedup | head -3',
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | vanta-normalize | vanta-dedup --near 0.8 | head -3',
  ],
  open({ window, near, remember }, { log, by, past }) {
    if (near !== undefined && !(near > 0 && near <= 1)) throw new Failure('usage', `--near: expected a number above 0 and at most 1, got ${near}`)
    const seen = new Seen(window)
    const texts = near === undefined ? undefined : new NearTexts(near, window)
    const dropped = { again: 0, repost: 0, echo: 0 }
    let echoes = 0
    const keep = (heard: Heard): boolean => {
      if (heard === 'new') return true
      dropped[heard]++
      return false
    }
    if (remember) {
      for (const record of past(2 * window)) {
        if (record.kind !== 'signal' || record.type === ECHO) continue
        seen.record(record)
        if (isRaw(record)) texts?.text(record)
        else texts?.reading(record)
      }
    }
    /** Dropped since the last record that passed, because it is in the log already. */
    let known: Signal[] = []
    const pass = (signal: Signal, emit: Emit): void => {
      if (known.length > 0) emit(knownRecord(known, by))
      known = []
      emit(signal)
    }
    return {
      each(signal, emit) {
        const heard = seen.record(signal)
        if (remember && heard === 'again') known.push(signal)
        if (!keep(heard)) return
        if (texts === undefined) return pass(signal, emit)
        if (isRaw(signal)) {
          const echo = texts.text(signal)
          emitText(signal, echo, emit)
        } else if (texts.reading(signal)) pass(signal, emit)
        else dropped.echo++
      },
      // What is near is not told by a glance at the line, and what is known is to be told.
      ...(texts === undefined && !remember && {
        line(line: string) {
          const heard = seen.line(line)
          return heard === undefined ? undefined : keep(heard)
        },
      }),
      end() {
        const { again, repost, echo } = dropped
        if (again + repost > 0) log.info(`dropped ${again} signals heard before and ${repost} re-posts`, dropped)
        if (echoes > 0) log.info(`${echoes} texts were echoes, ${echo} readings of them were dropped`, { echoes, dropped: echo })
      },
    }

    function emitText(signal: Signal, echo: Echo | undefined, emit: Emit): void {
      const said = echo && echoOf(signal, echo, by)
      pass(signal, emit)
      if (said === undefined) return
      echoes++
      emit(said)
    }
  },
})

const ECHO = 'echo'
const isRaw = (signal: Signal): boolean => signal.parents.length === 0

function knownRecord(known: readonly Signal[], by: string): Control {
  const { known_at } = known.reduce((last, one) => (isAfter(one.known_at, last.known_at) ? one : last))
  return make('control', { type: 'known', at: known_at, known_at, source: 'vanta-dedup', by, facts: { ids: known.map(({ id }) => id) } })
}

/** Evidence of no maker: it tells who repeats whom. */
function echoOf({ id, key, source, author, at, known_at }: Signal, { first, likeness }: Echo, by: string): Signal {
  return make('signal', {
    at, known_at, source, by,
    parents: [first.id, id],
    type: ECHO,
    key: `${key}#echo`,
    ...(author !== undefined && { author }),
    facts: {
      likeness: Math.round(likeness * 1e3) / 1e3,
      times: first.times,
      first: { key: first.key, source: first.source, at: first.at, ...(first.author !== undefined && { author: first.author }) },
    },
  })
}
