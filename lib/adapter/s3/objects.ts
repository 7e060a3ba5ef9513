/** Objects of a bucket of any S3-compatible server (docs.aws.amazon.com/AmazonS3/latest/API), addressed by path. */
import { Failure } from '#port/failure'
import type { Listed, Objects } from '#port/objects'
import { askS3, reasonOf, type S3Answer, type S3Server } from './ask.ts'
import { parseListPage } from './list.ts'
import { encodePath } from './sign.ts'

const NOTHING = new Uint8Array()
/** Two writers of it, of which a server that heeds conditions refuses the second. Hidden: no list tells of it. */
const PROBE = '.conditions'

/** There is no such object; whatever else is not there, bucket or server, is no empty place. */
const isAbsent = (answer: S3Answer): boolean => answer.status === 404 && reasonOf(answer) === 'NoSuchKey'

export function s3Objects(place: string, bucket: string, prefix: string, server: S3Server): Objects {
  const pathOf = (name: string): string => encodePath(`/${bucket}/${prefix}${name}`)
  const failed = (name: string, answer: S3Answer): Failure => new Failure('upstream', `${place}/${name}: ${answer.status} ${reasonOf(answer)}`)
  const put = async (name: string, body: Uint8Array, headers: Readonly<Record<string, string>>, isLost?: () => void): Promise<number> => {
    const answer = await askS3({ method: 'PUT', path: pathOf(name), query: {}, headers, body }, server, isLost)
    const isRefused = answer.status === 412 && headers['if-none-match'] !== undefined
    if (answer.status !== 200 && !isRefused) throw failed(name, answer)
    return answer.status
  }
  const read = async (name: string): Promise<Buffer | undefined> => {
    const answer = await askS3({ method: 'GET', path: pathOf(name), query: {}, headers: {}, body: NOTHING }, server)
    if (isAbsent(answer)) return undefined
    if (answer.status !== 200) throw failed(name, answer)
    return answer.bytes
  }
  const createOnce = async (name: string, content: Uint8Array): Promise<boolean> => {
    let isUnsure = false
    const status = await put(name, content, { 'if-none-match': '*' }, () => void (isUnsure = true))
    if (status === 200) return true
    // An attempt whose answer was lost may have been the one that wrote what stands there.
    return isUnsure && (await read(name))?.equals(content) === true
  }
  // A server that heeds no condition lets two writers both believe that they were first: nothing is created on one.
  let heeds: Promise<void> | undefined
  const heeded = async (): Promise<void> => {
    await put(PROBE, NOTHING, {})
    if (await put(PROBE, NOTHING, { 'if-none-match': '*' }) === 412) return
    throw new Failure('config', `${place}: the server does not heed If-None-Match, so writers could undo one another`)
  }
  return {
    place,
    read,
    async list(below) {
      const found: Listed[] = [], met = new Set<string>()
      for (let token: string | undefined = ''; token !== undefined;) {
        const query = { 'list-type': '2', prefix: `${prefix}${below}`, ...(token === '' ? {} : { 'continuation-token': token }) }
        const answer = await askS3({ method: 'GET', path: encodePath(`/${bucket}`), query, headers: {}, body: NOTHING }, server)
        if (answer.status !== 200) throw failed('', answer)
        const page = parseListPage(answer.bytes.toString('utf8'))
        if (page === undefined) throw new Failure('data', `${place}: the server's list of objects is none`)
        for (const { key, bytes, writtenMs } of page.entries) {
          const name = key.slice(prefix.length)
          if (!`/${name}`.includes('/.')) found.push({ name, bytes, writtenMs })
        }
        token = page.next
        if (token !== undefined && met.has(token)) throw new Failure('data', `${place}: the server's list of objects goes round in circles`)
        if (token !== undefined) met.add(token)
      }
      return found.sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    async write(name, content) {
      await put(name, content, {})
    },
    async create(name, content) {
      await (heeds ??= heeded().catch((error: unknown) => {
        heeds = undefined
        throw error
      }))
      return createOnce(name, content)
    },
    async remove(name) {
      const answer = await askS3({ method: 'DELETE', path: pathOf(name), query: {}, headers: {}, body: NOTHING }, server)
      if (answer.status !== 204 && answer.status !== 200 && !isAbsent(answer)) throw failed(name, answer)
    },
    // A request that did not come to an end has left nothing.
    tidy: async () => 0,
  }
}
