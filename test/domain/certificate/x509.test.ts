/** Certificates and lists as others read them: Node (OpenSSL's library), and openssl's own verifier where it is. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatAltName, parseAltName } from '#domain/certificate/alt_name'
import { standingOf, trustIn } from '#domain/certificate/standing'
import { certificate, keyIdOf, pem, pemBlocks, readList, revocationList, serialOf, USES, type AltName, type Reason, type Use } from '#domain/certificate/x509'
import { needed } from '../../needed.ts'
import { pair } from './pair.ts'

const DAY_MS = 86_400_000, NOW = Date.UTC(2026, 4, 6, 7, 8, 9)

const own = pair(), issuer = { name: 'test-ca', publicKey: own.publicKey }
const authority = certificate({ kind: 'authority', ...issuer, issuer, notBeforeMs: NOW - DAY_MS, notAfterMs: NOW + 9000 * DAY_MS }, own.sign)
const leaf = (name: string, use: Use, altNames: readonly AltName[], notBeforeMs = NOW - 1000, notAfterMs = NOW + DAY_MS, by = own): { readonly der: Buffer; readonly serial: string } => {
  const { publicKey } = pair()
  return { der: certificate({ kind: 'leaf', name, publicKey, issuer, notBeforeMs, notAfterMs, use, altNames }, by.sign), serial: serialOf(publicKey) }
}
const crl = (revoked: readonly string[], { thisMs = NOW - 1000, nextMs = NOW + DAY_MS, by = own, reason = 'superseded' as Reason } = {}): string =>
  pem('X509 CRL', revocationList({ issuer, number: 7n, thisMs, nextMs, revoked: revoked.map((serial) => ({ serial, atMs: NOW, reason })) }, by.sign))

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/)
const dns = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'))
const altName = fc.oneof(dns.map((name): AltName => ({ dns: name })), fc.ipV4().map((ip): AltName => ({ ip })), fc.ipV6().filter((ip) => !ip.includes('.')).map((ip): AltName => ({ ip })))

test('Node reads a certificate as it was meant, and finds each of its names', () => {
  fc.assert(fc.property(
    dns, fc.constantFrom(...USES), fc.array(altName, { maxLength: 4 }), fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 20_000 }),
    (name, use, altNames, daysAgo, days) => {
      const from = NOW - daysAgo * DAY_MS, until = NOW + days * DAY_MS, { der, serial } = leaf(name, use, altNames, from, until), read = new X509Certificate(der)
      assert.equal(read.subject, `CN=${name}`)
      assert.equal(read.issuer, 'CN=test-ca')
      assert.equal(read.serialNumber.toLowerCase(), serial)
      assert.deepEqual([Date.parse(read.validFrom), Date.parse(read.validTo)], [from, until].map((ms) => Math.floor(ms / 1000) * 1000))
      assert.deepEqual(read.keyUsage, { client: ['1.3.6.1.5.5.7.3.2'], server: ['1.3.6.1.5.5.7.3.1'], both: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'] }[use])
      assert.equal(read.ca, false)
      const parent = new X509Certificate(authority)
      assert.ok(read.checkIssued(parent) && read.verify(parent.publicKey) && parent.ca)
      for (const one of altNames) assert.ok('dns' in one ? read.checkHost(one.dns, { subject: 'never' }) : read.checkIP(one.ip), formatAltName(one))
      assert.equal(read.checkHost('stranger.example', { subject: 'never' }), undefined)
    },
  ), { numRuns: 40 })
})

test('names and addresses, as they are typed', () => {
  fc.assert(fc.property(altName, (one) => assert.deepEqual(parseAltName(formatAltName(one)), 'ip' in one ? { ip: one.ip.toLowerCase() } : one)))
  fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 20 }), fc.stringMatching(/^[0-9a-f:.]{1,12}$/)), (text) => {
    const read = parseAltName(text)
    if (read !== undefined && 'ip' in read) assert.notEqual(isIP(read.ip), 0, text)
    else if (read === undefined) assert.ok(isIP(text) === 0 || text.includes('.') && text.includes(':') || /%/.test(text), text)
  }), { numRuns: 2000 })
  for (const wrong of ['', '-a', 'a_b', 'DNS:10.0.0.1', 'IP:a.b', 'a..b', '1.2.3', '01.2.3.4', '1::2::3', 'a'.repeat(64)]) assert.equal(parseAltName(wrong), undefined, wrong)
})

test('a list is read as it was written, and believed where its authority signed it', () => {
  const revoked = [leaf('a', 'client', []), leaf('b', 'client', [])], good = leaf('c', 'both', [])
  const found = (der: Buffer, lists: string, nowMs = NOW): string => standingOf(new X509Certificate(der), trustIn(pem('CERTIFICATE', authority), lists), nowMs, DAY_MS / 2).found
  const list = crl(revoked.map(({ serial }) => serial))
  assert.deepEqual([...readList(pemBlocks(list, 'X509 CRL')[0] ?? Buffer.of())?.revoked ?? []], revoked.map(({ serial }) => serial))
  assert.deepEqual(revoked.map(({ der }) => found(der, list)), ['revoked', 'revoked'])
  assert.equal(found(good.der, list), 'good')
  assert.equal(found(good.der, list, NOW + DAY_MS * 0.6), 'soon')
  assert.equal(found(good.der, list, NOW - 2000), 'early')
  assert.equal(found(good.der, list, NOW + DAY_MS), 'expired')
  assert.equal(found(good.der, crl([], { nextMs: NOW })), 'untold')
  assert.equal(found(good.der, ''), 'untold')
  const stranger = pair()
  assert.equal(found(good.der, crl([good.serial], { by: stranger })), 'untold')
  assert.equal(found(leaf('a', 'client', [], NOW - 1000, NOW + DAY_MS, stranger).der, list), 'strange')
  // Of two lists the newer counts, wherever it stands.
  const newer = crl([good.serial], { thisMs: NOW })
  assert.deepEqual([found(good.der, `${list}${newer}`), found(good.der, `${newer}${list}`)], ['revoked', 'revoked'])
})

test('a list in which one byte was changed is none that counts', () => {
  const { der, serial } = leaf('a', 'client', []), bytes = pemBlocks(crl([serial]), 'X509 CRL')[0] ?? Buffer.of(), read = new X509Certificate(der)
  fc.assert(fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ by
    let found: string
    try {
      found = standingOf(read, trustIn(pem('CERTIFICATE', authority), pem('X509 CRL', changed)), NOW, 0).found
    } catch (error) {
      return assert.ok(error instanceof RangeError)
    }
    assert.ok(found === 'untold' || found === 'revoked' && readList(changed)?.tbs.equals(readList(bytes)?.tbs ?? Buffer.of()), found)
  }), { numRuns: 300 })
})

const missing = needed('openssl')
test('openssl verifies what counts, and says why where it does not', { skip: missing ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-x509-')), at = (name: string): string => join(folder, name)
  const verify = (der: Buffer, list: string, purpose: string): string => {
    writeFileSync(at('one.pem'), pem('CERTIFICATE', der))
    writeFileSync(at('ca.crl'), list)
    const words = ['verify', '-x509_strict', '-crl_check_all', '-attime', String(NOW / 1000), '-purpose', purpose, '-CAfile', at('ca.pem'), '-CRLfile', at('ca.crl'), at('one.pem')]
    const { stdout, stderr } = spawnSync('openssl', words, { encoding: 'utf8' })
    return /: OK/.test(stdout) ? 'OK' : (/lookup: (.*)/.exec(stderr)?.[1] ?? stderr)
  }
  try {
    writeFileSync(at('ca.pem'), pem('CERTIFICATE', authority))
    const both = leaf('a', 'both', [{ dns: 'a.example' }, { ip: '10.0.0.1' }]), none = crl([])
    assert.deepEqual(['sslclient', 'sslserver'].map((purpose) => verify(both.der, none, purpose)), ['OK', 'OK'])
    assert.equal(verify(leaf('a', 'client', []).der, none, 'sslclient'), 'OK')
    assert.match(verify(leaf('a', 'client', []).der, none, 'sslserver'), /purpose/)
    assert.match(verify(leaf('a', 'server', []).der, none, 'sslclient'), /purpose/)
    assert.equal(verify(both.der, crl([both.serial]), 'sslclient'), 'certificate revoked')
    assert.equal(verify(both.der, crl([], { nextMs: NOW - 1000, thisMs: NOW - 5000 }), 'sslclient'), 'CRL has expired')
    assert.equal(verify(leaf('a', 'both', [], NOW - 5000, NOW - 1000).der, none, 'sslclient'), 'certificate has expired')
    assert.match(verify(leaf('a', 'both', [], NOW - 1000, NOW + DAY_MS, pair()).der, none, 'sslclient'), /signature failure/)
    const text = execFileSync('openssl', ['crl', '-noout', '-text'], { input: crl([both.serial], { reason: 'key-compromise' }), encoding: 'utf8' })
    for (const said of [/CRL Number: *\n\s*7\n/, /Key Compromise/, new RegExp(both.serial, 'i')]) assert.match(text, said)
    assert.ok(text.includes(keyIdOf(own.publicKey).toString('hex').toUpperCase().replace(/..(?=.)/g, '$&:')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
