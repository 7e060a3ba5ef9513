import { filter } from '#tool'
import { Seen, type Heard } from '#domain/dedup/seen'

export default filter({
  name: 'vanta-dedup',
  summary: 'Drop signals heard before, and the same text posted again under another key.',
  about: [
    'A record is dropped where its id was seen, or where its fingerprint and subject were seen under another key: a re-post,',
    'by whomever. The first is kept. A reading restated under its own key passes. Memory is bounded: what is older than two',
    'windows of the stream\'s own time is forgotten, what is younger than one is not.',
  ].join(' '),
  options: {
    window: { kind: 'duration', default: '7d', help: 'how long to remember, by known_at' },
  },
  reads: ['signal'],
  examples: [
    'vanta-reddit --from samples/season/reddit/wsb_hot_posts_2020-11_2021-01.ndjson.gz | ' +
      'vanta-normalize | vanta-dedup | head -3',
  ],
  open({ window }, { log }) {
    const seen = new Seen(window)
    const dropped = { again: 0, repost: 0 }
    const keep = (heard: Heard): boolean => {
      if (heard === 'new') return true
      dropped[heard]++
      return false
    }
    return {
      each(signal, emit) {
        if (keep(seen.record(signal))) emit(signal)
      },
      line(line) {
        const heard = seen.line(line)
        return heard === undefined ? undefined : keep(heard)
      },
      end() {
        const { again, repost } = dropped
        if (again + repost > 0) log.info(`dropped ${again} signals heard before and ${repost} re-posts`, dropped)
      },
    }
  },
})
