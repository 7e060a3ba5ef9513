/** One filing out of EDGAR's archives. Addresses are built from numbers alone, whatever a payload linked to. */
import { Failure } from '#port/failure'
import type { Answer, Http } from '#port/outside'
import { exactList, exactObject, exactString, parseExact } from '../json_exact.ts'
import { textOf } from '../text.ts'
import type { Wanted } from './backlog.ts'

/** Not there, or not yet: of one thing among others that are. */
export class Missing extends Failure {
  constructor(what: string) {
    super('upstream', `${what}: HTTP 404: there is no such thing`)
  }
}

export const WWW = 'https://www.sec.gov'
/** Documents of a filing that has no submission text: ownership forms are one, 13F reports two. */
const MOST_DOCUMENTS = 4
/** Every party of a filing has its folder; the second is asked in case the first is not there yet. */
const MOST_PARTIES = 2

/**
 * The submission text (header and all documents in one); where that is missing, the header page and the XML documents that the folder
 * lists. Throws {@link Missing} where it is not there.
 */
export async function fetchFiling({ accession, ciks }: Wanted, http: Pick<Http, 'get'>): Promise<readonly Answer[]> {
  const folders = ciks.slice(0, MOST_PARTIES).map((cik) => `${WWW}/Archives/edgar/data/${cik}/${accession.replaceAll('-', '')}`)
  for (const folder of folders) {
    const text = await http.get({ url: `${folder}/${accession}.txt`, accepts: [404] })
    if (text.status !== 404) return [text]
  }
  const [folder = WWW] = folders
  const listing = await http.get({ url: `${folder}/index.json`, accepts: [404] })
  if (listing.status !== 404) {
    const header = await http.get({ url: `${folder}/${accession}-index-headers.html`, accepts: [404] })
    const documents: Answer[] = []
    for (const name of documentsIn(listing)) documents.push(await http.get({ url: `${folder}/${name}` }))
    if (documents.length > 0) return header.status === 404 ? documents : [header, ...documents]
  }
  throw new Missing(`${folders[0] ?? ''}/${accession}.txt`)
}

/** Names of the XML documents in a folder's `index.json`. */
function documentsIn({ bytes, url, headers }: Answer): string[] {
  const directory = exactObject(exactObject(parseExact(textOf(bytes, headers['content-type']), url))?.['directory'])
  if (directory === undefined) throw new Failure('data', `${url}: no list of a folder's files`)
  const names = (exactList(directory['item']) ?? []).flatMap((item) => exactString(exactObject(item)?.['name']) ?? [])
  return names.filter((name) => /^[A-Za-z0-9][\w.-]{0,100}\.xml$/i.test(name) && !/^FilingSummary/i.test(name)).slice(0, MOST_DOCUMENTS)
}
