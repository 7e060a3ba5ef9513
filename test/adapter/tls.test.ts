/** Whose certificates a connection shows: named, or the home's own; read anew for each connection. */
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileCertificates } from '#adapter/file/certificates'
import { isDistrust, plainly, tlsFilesOf } from '#adapter/tls'
import { failsWith } from '../port/store.suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'vanta-tls-')), tls = join(folder, 'tls')
after(() => rmSync(folder, { recursive: true, force: true }))
const put = (path: string, content: string, mode = 0o600): string => {
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}
const BLOCK = '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n'

test('nothing in the home, nothing shown; what vanta-keys put there is, all of it or none', () => {
  assert.deepEqual({ ...tlsFilesOf('redis', {}, tls) }, { ca: undefined, crl: undefined, cert: undefined, key: undefined })
  fileCertificates.certify(join(tls, 'markets.pem'), () => 'first')
  assert.equal(tlsFilesOf('redis', {}, tls).cert, undefined)
  put(join(tls, 'ca.pem'), 'authority', 0o644)
  assert.throws(() => tlsFilesOf('redis', {}, tls), failsWith('config', /ca\.crl: cannot read: ENOENT/))
  put(join(tls, 'ca.crl'), BLOCK + BLOCK, 0o644)
  const files = tlsFilesOf('redis', {}, tls)
  assert.deepEqual([files.ca?.toString(), files.crl, files.cert?.equals(files.key ?? Buffer.of())], ['authority', [BLOCK, BLOCK], true])
  // The next connection shows what was rotated, and heeds what was revoked.
  fileCertificates.certify(join(tls, 'markets.pem'), () => 'second')
  put(join(tls, 'ca.crl'), BLOCK, 0o644)
  assert.match(files.cert?.toString() ?? '', /second$/)
  assert.deepEqual(files.crl, [BLOCK])
  fileCertificates.certify(join(tls, 'other.pem'), () => '')
  assert.throws(() => tlsFilesOf('redis', {}, tls), failsWith('config', /which is this node\? redis_cert/))
})

test('what secrets name goes first; a private key that others may read is refused', () => {
  const ca = put(join(folder, 'ca'), 'theirs', 0o644), cert = put(join(folder, 'both'), 'both')
  assert.deepEqual({ ...tlsFilesOf('kafka', { kafka_ca: ca }, tls) }, { ca: Buffer.from('theirs'), crl: undefined, cert: undefined, key: undefined })
  assert.equal(tlsFilesOf('kafka', { kafka_ca: ca, kafka_cert: cert }, tls).key?.toString(), 'both')
  chmodSync(cert, 0o640)
  assert.throws(() => tlsFilesOf('kafka', { kafka_ca: ca, kafka_cert: cert }, tls), failsWith('config', /others may read it/))
  assert.throws(() => tlsFilesOf('kafka', { kafka_ca: join(folder, 'none') }, tls), failsWith('config', /cannot read: ENOENT/))
  assert.throws(() => tlsFilesOf('kafka', { kafka_cert: ca, kafka_key: join(folder, 'none') }, tls), failsWith('config', /there is no such file/))
})

test("distrust is told from what passes, in OpenSSL's words alone", () => {
  const alert = '80C2D5:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../ssl/record/rec_layer_s3.c:1605:SSL alert number 116\n'
  assert.equal(plainly(alert), 'tlsv13 alert certificate required')
  assert.equal(plainly('read ECONNRESET'), 'read ECONNRESET')
  for (const why of [alert, 'certificate has expired', 'CRL has expired', "Hostname/IP does not match certificate's altnames"]) assert.ok(isDistrust(why), why)
  for (const why of ['read ECONNRESET', 'connect ECONNREFUSED 127.0.0.1:6379', 'LOADING Redis is loading']) assert.ok(!isDistrust(why), why)
})
