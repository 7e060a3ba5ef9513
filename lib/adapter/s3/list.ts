/** A page of a list of objects (ListObjectsV2). */
import { SaxesParser } from 'saxes'
import { parseInstant, type Millis } from '#record'

export interface ListPage {
  readonly entries: readonly { readonly key: string; readonly bytes: number; readonly writtenMs: Millis }[]
  /** What asks for the next page; undefined at the last. */
  readonly next: string | undefined
}

/** Undefined where the text is no such page. */
export function parseListPage(text: string): ListPage | undefined {
  const parser = new SaxesParser(), open: string[] = [], entries: { key: string; bytes: number; writtenMs: Millis }[] = []
  let isBroken = false, said = '', fields = new Map<string, string>()
  const page = new Map<string, string>()
  parser.on('error', () => void (isBroken = true))
  parser.on('doctype', () => void (isBroken = true))
  parser.on('opentag', ({ name }) => {
    open.push(name)
    said = ''
    if (open.length === 2 && name === 'Contents') fields = new Map()
  })
  parser.on('text', (chunk) => void (said += chunk))
  parser.on('closetag', ({ name }) => {
    if (open.length === 3 && open[1] === 'Contents') fields.set(name, said)
    else if (open.length === 2 && name === 'Contents') {
      const key = fields.get('Key') ?? '', bytes = Number(fields.get('Size') ?? NaN), writtenMs = parseInstant(fields.get('LastModified') ?? '')
      if (key === '' || !Number.isSafeInteger(bytes) || writtenMs === undefined) isBroken = true
      else entries.push({ key, bytes, writtenMs })
    } else if (open.length === 2) page.set(name, said)
    open.pop()
    said = ''
  })
  parser.write(text).close()
  const isCut = page.get('IsTruncated') === 'true', next = page.get('NextContinuationToken')
  return isBroken || (isCut && next === undefined) ? undefined : { entries, next: isCut ? next : undefined }
}
