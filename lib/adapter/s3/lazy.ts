/** A bucket by its address, loaded and entered when it is first asked. */
import { isLoopback } from '../http/origins.ts'
import type { Millis } from '#record'
import { Failure } from '#port/failure'
import type { Objects } from '#port/objects'
import type { KeptSecrets } from '#port/secrets'

export interface S3Around {
  secrets(): Promise<KeptSecrets | undefined>
  pause(ms: Millis): Promise<void>
}

const ADDRESS = 's3://BUCKET/PREFIX?endpoint=https://HOST&region=REGION'

interface S3Address {
  readonly place: string
  readonly bucket: string
  readonly prefix: string
  readonly endpoint: URL
  readonly region: string
}

/** Throws Failure `usage` on what is no such address, `refused` where secrets and features would go over a network in the clear. */
export function parseS3Address(text: string): S3Address {
  const [, bucket = '', path = '', query = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[\w.=+-]+)*)\/?\?(.*)$/.exec(text) ?? []
  const settings = new URLSearchParams(query), said = settings.get('endpoint') ?? ''
  const endpoint = /^https?:\/\/[^/?#@]+\/?$/.test(said) ? new URL(said) : undefined
  if (bucket === '' || endpoint === undefined || [...settings.keys()].some((name) => name !== 'endpoint' && name !== 'region')) {
    throw new Failure('usage', `expected ${ADDRESS}, got "${text}"`)
  }
  if (endpoint.protocol === 'http:' && !isLoopback(endpoint.href)) throw new Failure('refused', `${text}: only this machine is asked without encryption`)
  return { place: `s3://${bucket}${path}`, bucket, prefix: path === '' ? '' : `${path.slice(1)}/`, endpoint, region: settings.get('region') ?? 'us-east-1' }
}

export function lazyS3(text: string, around: S3Around): Objects {
  const address = parseS3Address(text), { place, bucket, prefix, endpoint: { protocol, host }, region } = address
  let opened: Promise<Objects> | undefined
  async function open(): Promise<Objects> {
    const { s3Objects } = await import('./objects.ts'), found = await around.secrets()
    const { access_key_id: accessKeyId = '', secret_access_key: secretAccessKey = '', session_token: sessionToken } = found?.secrets ?? {}
    if (accessKeyId === '' || secretAccessKey === '') {
      throw new Failure('config', `${found?.place ?? 'secrets/s3'}: expected access_key_id and secret_access_key, in a file of mode 0600`)
    }
    return s3Objects(place, bucket, prefix, { protocol, host, region, keys: { accessKeyId, secretAccessKey, sessionToken }, pause: around.pause })
  }
  const objects = (): Promise<Objects> => (opened ??= open())
  return {
    place,
    read: async (name) => (await objects()).read(name),
    list: async (prefixOf) => (await objects()).list(prefixOf),
    write: async (name, content) => (await objects()).write(name, content),
    create: async (name, content) => (await objects()).create(name, content),
    remove: async (name) => (await objects()).remove(name),
    tidy: async (beforeMs) => (await objects()).tidy(beforeMs),
  }
}
