/** Signatures of requests to S3: AWS Signature Version 4, in headers (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html). */
import { createHmac } from 'node:crypto'
import { formatInstant, type Millis } from '#record'
import { sha256Of } from '#record/sha256'

export interface S3Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of keys that are lent for a while. */
  readonly sessionToken: string | undefined
}

export interface Unsigned {
  readonly method: 'GET' | 'PUT' | 'DELETE'
  /** HOST or HOST:PORT. */
  readonly host: string
  /** From the first `/` on, encoded as `encodePath` does. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case; all of them are signed. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** All but letters, digits and `-._~` as percent and hex digits: what encodeURIComponent leaves, and S3 does not. */
const encoded = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

export const encodePath = (path: string): string => path.split('/').map(encoded).join('/')

/** As it stands in the address, and is signed: by name. */
export const queryText = (query: Unsigned['query']): string =>
  Object.entries(query).map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort().join('&')

/** The headers to send, the signature among them. */
export function signed(request: Unsigned, keys: S3Keys, region: string, nowMs: Millis): Readonly<Record<string, string>> {
  const { method, host, path, query, body } = request
  const time = formatInstant(nowMs).replace(/[-:]|\.\d+/g, ''), day = time.slice(0, 8), hash = sha256Of(body)
  const headers: Readonly<Record<string, string>> = {
    ...request.headers, host, 'x-amz-content-sha256': hash, 'x-amz-date': time,
    ...(keys.sessionToken === undefined ? {} : { 'x-amz-security-token': keys.sessionToken }),
  }
  const names = Object.keys(headers).sort(), signedNames = names.join(';')
  const canonical = [method, path, queryText(query), ...names.map((name) => `${name}:${headers[name]?.trim()}`), '', signedNames, hash].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const key = hmac(hmac(hmac(hmac(`AWS4${keys.secretAccessKey}`, day), region), 's3'), 'aws4_request')
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256Of(canonical)}`).toString('hex')
  return { ...headers, authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope},SignedHeaders=${signedNames},Signature=${signature}` }
}
