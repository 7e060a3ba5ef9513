/** One request to an S3-compatible server, within limits of time and size, asked again where that can help. */
import { request as plain } from 'node:http'
import { request as secure } from 'node:https'
import type { Millis } from '#record'
import { Failure } from '#port/failure'
import { codeOf } from '../file/disk.ts'
import { queryText, signed, type S3Keys, type Unsigned } from './sign.ts'

export interface S3Server {
  /** `http:` or `https:`. */
  readonly protocol: string
  readonly host: string
  readonly region: string
  readonly keys: S3Keys
  pause(ms: Millis): Promise<void>
}

export interface S3Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
}

const TIMEOUT_MS: Millis = 60_000, MOST_BYTES = 1 << 30
const PAUSES_MS: readonly Millis[] = [200, 500, 1000, 2000, 4000]
/** Conflicts of conditional writes, slow down, and what the server could not do. */
const LATER: ReadonlySet<number> = new Set([409, 429, 500, 502, 503, 504])

/**
 * The answer, whatever its status, but for 401 and 403. `isLost` is told before it is asked again, where an earlier attempt may have had its effect. Throws
 * Failure: `upstream` where the server is out of reach or goes on failing, `config` where it does not let us in.
 */
export async function askS3(request: Omit<Unsigned, 'host'>, server: S3Server, isLost: () => void = () => undefined): Promise<S3Answer> {
  const what = `${server.protocol}//${server.host}${request.path}`
  for (let attempt = 0; ; attempt++) {
    const pauseMs = PAUSES_MS[attempt]
    try {
      const answer = await once({ ...request, host: server.host }, server)
      const { status } = answer
      if (status === 401 || status === 403) throw new Failure('config', `${what}: the server does not let us in (${status} ${reasonOf(answer)})`)
      if (!LATER.has(answer.status)) return answer
      if (pauseMs === undefined) throw new Failure('upstream', `${what}: ${answer.status} ${reasonOf(answer)}`)
      if (answer.status >= 500) isLost()
    } catch (error) {
      if (error instanceof Failure) throw error
      if (pauseMs === undefined) throw new Failure('upstream', `${what}: ${codeOf(error) ?? 'no answer'}`, error)
      isLost()
    }
    await server.pause(pauseMs)
  }
}

/** The code of an error, such as `NoSuchBucket`. */
export const reasonOf = ({ bytes }: S3Answer): string => /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(bytes.toString('latin1', 0, 4096))?.[1] ?? ''

function once(request: Unsigned, { protocol, region, keys }: S3Server): Promise<S3Answer> {
  const query = queryText(request.query), address = `${protocol}//${request.host}${request.path}${query === '' ? '' : `?${query}`}`
  const headers = { ...signed(request, keys, region, Date.now()), 'content-length': `${request.body.length}` }
  return new Promise((resolve, reject) => {
    const call = (protocol === 'https:' ? secure : plain)(address, { method: request.method, headers })
    call.setTimeout(TIMEOUT_MS, () => call.destroy(new Error('silent for too long')))
    call.on('error', reject)
    call.on('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        if ((size += chunk.length) > MOST_BYTES) call.destroy(new Failure('data', `${request.path}: more than ${MOST_BYTES} bytes`))
      })
      response.on('error', reject)
      response.on('end', () => {
        const bytes = Buffer.concat(chunks), said = response.headers['content-length']
        if (said !== undefined && Number(said) !== bytes.length) reject(new Error('an answer that was cut short'))
        else resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes })
      })
    })
    call.end(request.body)
  })
}
