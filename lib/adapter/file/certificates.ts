/** Private keys of certificates in files that only their owner can read: PKCS 8, then the certificates, all in PEM. */
import { createPrivateKey, generateKeyPairSync, sign, X509Certificate, type KeyObject } from 'node:crypto'
import { dirname } from 'node:path'
import { pem, pemBlocks } from '#domain/certificate/x509'
import type { CertificateKeys } from '#port/certificates'
import { Failure } from '#port/failure'
import { ensureFolder, nodeDisk, replaceFile } from './disk.ts'
import { readPrivately } from './secrets.ts'

export const fileCertificates: CertificateKeys = {
  certify(path, certificateOf) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const certificates = certificateOf(publicKey.export({ format: 'der', type: 'spki' }), (bytes) => sign('sha256', bytes, privateKey))
    ensureFolder(nodeDisk, dirname(path))
    replaceFile(nodeDisk, path, Buffer.from(`${String(privateKey.export({ format: 'pem', type: 'pkcs8' }))}${certificates}`))
  },
  certificates(path) {
    const text = readPrivately(path)?.toString('latin1')
    if (text === undefined) return undefined
    const [first, ...more] = pemBlocks(text, 'CERTIFICATE')
    let fits: boolean
    try {
      fits = first !== undefined && new X509Certificate(first).checkPrivateKey(keyIn(path, text))
    } catch (error) {
      if (error instanceof Failure) throw error
      throw new Failure('config', `${path}: not a certificate`, error)
    }
    if (first === undefined || !fits) throw new Failure('config', `${path}: the private key is not that of the certificate`)
    return [first, ...more].map((block) => pem('CERTIFICATE', block)).join('')
  },
  sign(path, bytes) {
    const text = readPrivately(path)?.toString('latin1')
    if (text === undefined) throw new Failure('config', `${path}: there is no private key here`)
    return sign('sha256', bytes, keyIn(path, text))
  },
}

function keyIn(path: string, text: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch {
    throw new Failure('config', `${path}: not a private key`)
  }
}
