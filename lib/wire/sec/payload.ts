/** Any recorded EDGAR payload, told apart by what it holds, never by its name. */
import type { Signal } from '#record'
import type { Clock } from '#port/clock'
import type { Log } from '#port/log'
import { Failure } from '#port/failure'
import { contentKey } from './facts.ts'
import { Feed } from './feed.ts'
import { readList } from './lists.ts'
import { ownershipSignal, type Received } from './ownership.ts'
import { isSubmission, readSubmission } from './submission.ts'
import { coverOf, holdingSignals, type Cover } from './thirteenf.ts'
import { parseXml, type Element } from './xml.ts'

export interface Reading {
  readonly clock: Clock
  readonly log: Log
  readonly by: string
}

const ACCESSION = /\d{10}-\d\d-\d{6}/

/** Reads payloads one after another; a feed's filings are complete, and given, only at the end. */
export class Payloads {
  private readonly feed = new Feed()
  private readonly reading: Reading
  private cover: Cover | undefined

  constructor(reading: Reading) {
    this.reading = reading
  }

  /** Throws Failure `data` with the place where the payload is none that is known, or is broken. */
  read(bytes: Buffer, name: string): Signal[] {
    const text = decoded(bytes)
    const start = text.slice(0, 1000).trimStart()
    if (start === '') throw new Failure('data', `${name}: nothing in it`)
    if (/^<(!doctype\s+html|html)\b/i.test(start)) {
      throw new Failure('data', `${name}:1: an HTML page, where a filing, a feed or a list was expected`)
    }
    if (/^[[{]/.test(start)) throw new Failure('data', `${name}:1: JSON is no payload this tool reads`)
    if (isSubmission(text)) return this.submission(text, name)
    if (start.startsWith('<')) return this.document(parseXml(text.trimStart(), name), this.bare(bytes, name))
    if (/^[^\n]*,/.test(start)) return readList(text, name, this.reading.by, this.reading.log)
    throw new Failure('data', `${name}:1: no filing, feed or list of insider trades`)
  }

  end(): Signal[] {
    return this.feed.signals(this.reading.by)
  }

  /** A document without its submission: when it was filed is not stated, so it is known from now. */
  private bare(bytes: Buffer, name: string): Received {
    const accession = ACCESSION.exec(name)?.[0]
    const { by, clock } = this.reading
    return { name, key: accession ?? `sha256:${contentKey(bytes)}`, accession, knownMs: clock.now(), by }
  }

  private submission(text: string, name: string): Signal[] {
    const { accession, form, filed, knownMs = this.reading.clock.now(), documents } = readSubmission(text, name)
    const received: Received = { name, key: accession, accession, form, filed, knownMs, by: this.reading.by }
    this.cover = undefined
    const signals = documents.flatMap(({ filename, type, xml }) => {
      // Other exhibits may be XML too; only these forms are read.
      if (!/^([345](\/A)?|13F-.*|INFORMATION TABLE)$/.test(type)) return []
      const place = `${name} (${filename})`
      return this.document(parseXml(xml, place), { ...received, name: place })
    })
    this.cover = undefined
    if (signals.length === 0) {
      throw new Failure('data', `${name}: a submission of form ${form || 'unknown'} with no document this tool reads`)
    }
    return signals
  }

  private document(root: Element, received: Received): Signal[] {
    const { name } = received
    switch (root.name) {
      case 'ownershipDocument':
        return [ownershipSignal(root, received)]
      case 'edgarSubmission':
        this.cover = coverOf(root, received)
        return [this.cover.signal]
      case 'informationTable':
        return this.holdings(root, received)
      case 'feed':
        this.feed.read(root, name, this.reading.log)
        return []
      default:
        throw new Failure('data', `${name}: root element "${root.name}" is no document this tool reads`)
    }
  }

  /** Belongs to the cover page read just before it, unless their names tell two accession numbers. */
  private holdings(root: Element, { name, accession }: Received): Signal[] {
    const { cover } = this
    const other = cover?.received.accession
    if (cover === undefined || (other !== undefined && accession !== undefined && other !== accession)) {
      throw new Failure('data', `${name}: an information table needs its cover page (primary_doc.xml) read before it`)
    }
    const signals = holdingSignals(root, cover)
    const prices = signals.map(({ facts }) => Number(facts?.['value']) / Number(facts?.['amount']))
    const perShare = prices.filter((price) => price >= 0).sort((a, b) => a - b)
    const median = perShare[perShare.length >> 1]
    if (median !== undefined && median < 0.5) {
      this.reading.log.warn(`${name}: half of the holdings are worth under ${median.toFixed(4)} USD a share: filed in thousands?`)
    }
    return signals
  }
}

/** ISO-8859-1 where the document says so, or where it cannot be UTF-8; a byte order mark is dropped. */
function decoded(bytes: Buffer): string {
  const declared = /^\s*<\?xml[^>]*encoding=["']([\w-]+)["']/i.exec(bytes.toString('latin1', 0, 200))?.[1]?.toLowerCase()
  if (declared === 'iso-8859-1') return bytes.toString('latin1')
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? bytes.toString('latin1') : text.replace(/^\ufeff/, '')
}
