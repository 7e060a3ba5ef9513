import { filter, verbs } from '#tool'
import { StatedLinks } from '#domain/resolve/links'
import dedupe from './resolve/dedupe.ts'
import link from './resolve/link.ts'
import pairs from './resolve/pairs.ts'

const stream = filter({
  name: 'vanta-resolve',
  summary: 'Say who is who in a stream: insiders and companies, companies and tickers, wallets and exchanges, authors and themselves.',
  about: [
    'Signals pass; what they state of who is who follows as `link` records, each once: registry numbers of filings (CIK, CUSIP), labels of wallets,',
    'pairs and their coins, one handle on two services. Each has a probability and its reason. The verbs compare whole files of records.',
  ].join(' '),
  options: {},
  reads: ['signal'],
  examples: [
    'vanta-sec --from samples/season/insider/openinsider_ceo_buys_2020-11_2021-01.csv.gz | vanta-resolve | grep -m 1 insider_of | jq -r .reason',
  ],
  open(_, { by }) {
    const links = new StatedLinks(by)
    return {
      each(signal, emit) {
        const found = links.of(signal)
        emit(signal)
        for (const one of found) emit(one)
      },
    }
  },
})

export default verbs({
  name: 'vanta-resolve',
  summary: 'Who is who: links in a stream, and records that are one in files.',
  main: stream,
  verbs: { pairs, link, dedupe },
})
