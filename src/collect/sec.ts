import type { Signal } from '#record'
import { collector, Failure } from '#tool'
import { Payloads } from '#wire/sec/payload'

export default collector({
  name: 'vanta-sec',
  summary: 'Read SEC filings: insider trades (Forms 3, 4, 5), 13F holdings and the feed of current filings.',
  about: `Payloads are told apart by what they hold: ownership XML, full submission text (.txt, .nc), a 13F cover page followed by
its information table, the getcurrent Atom feed, and CSV lists of insider trades. A filing is known from the moment EDGAR
accepted it; where only its date is stated, from 22:00 New York that day; a bare XML document, from now. Signals come in the
order in which they became known. A bad row of a list is named and left out; a payload that is none of these is named, the
others are read, and the run ends with 65.`,
  options: {
    from: { kind: 'list', required: true, help: 'recorded payloads, plain or gzip, separated by commas; - is stdin' },
  },
  examples: [
    "printf 'filing_date,trade_date,ticker,insider_name,title,trade_type,qty,owned_after,value\\n" +
      "2021-01-15,2021-01-13,XYZ,Doe J,CEO,P - Purchase,1000,5000,12500\\n' | vanta-sec --from -",
  ],
  *collect({ from }, { folder, clock, log, by }) {
    const payloads = new Payloads({ clock, log, by })
    const signals: Signal[] = []
    let failure: Failure | undefined
    for (const file of from) {
      try {
        const bytes = folder.read(file)
        if (bytes === undefined) throw new Failure('data', `${file}: there is no such file`)
        for (const signal of payloads.read(bytes, file === '-' ? 'stdin' : file)) signals.push(signal)
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        if (failure !== undefined) log.error(failure.message)
        failure = error
      }
    }
    for (const signal of payloads.end()) signals.push(signal)
    signals.sort((a, b) => (a.known_at < b.known_at ? -1 : a.known_at > b.known_at ? 1 : 0))
    const given = new Set<string>()
    for (const signal of signals) {
      if (given.has(signal.id)) continue
      given.add(signal.id)
      yield signal
    }
    if (failure !== undefined) throw failure
  },
})
