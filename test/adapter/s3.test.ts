/** What is signed is what Amazon's own examples say; what a server says of failures, and of conditions that it does not heed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lazyS3, parseS3Address } from '#adapter/s3/lazy'
import { signed } from '#adapter/s3/sign'
import { Failure } from '#port/failure'
import { startService, type Routes } from '../service/service.ts'

const KEYS = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', sessionToken: undefined } as const
const EXAMPLE = { method: 'GET', host: 'examplebucket.s3.amazonaws.com', path: '/', query: {}, headers: {}, body: new Uint8Array() } as const
const signatureOf = (request: Partial<Parameters<typeof signed>[0]>): string | undefined =>
  signed({ ...EXAMPLE, ...request }, KEYS, 'us-east-1', Date.UTC(2013, 4, 24))['authorization']?.replace(/^.*Signature=/, '')

test('signatures are those of the examples of the documentation', () => {
  assert.equal(signatureOf({ path: '/test.txt', headers: { range: 'bytes=0-9' } }), 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41')
  assert.equal(signatureOf({ query: { lifecycle: '' } }), 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543')
  assert.equal(signatureOf({ query: { 'max-keys': '2', prefix: 'J' } }), '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7')
})

const SECRET = 'a-secret-that-nobody-sees'
async function withServer(routes: Routes, body: (open: () => ReturnType<typeof lazyS3>, asked: () => number) => Promise<void>): Promise<void> {
  const service = await startService(routes)
  try {
    await body(() => lazyS3(`s3://bucket/p?endpoint=${service.endpoint}`, {
      secrets: async () => ({ place: 'secrets/s3', secrets: { access_key_id: 'AKID', secret_access_key: SECRET } }), pause: async () => undefined,
    }), () => service.asked.length)
  } finally {
    await service.close()
  }
}

test('nothing is created where conditions are not heeded', () => withServer({ '/': { status: 200 } }, async (open) => {
  await assert.rejects(open().create('one', Buffer.from('x')), { exit: 'config', message: /does not heed If-None-Match/ })
}))

test('what was refused without a condition is not written', () => withServer({ '/': { status: 412 } }, async (open) => {
  await assert.rejects(open().write('one', Buffer.from('x')), { exit: 'upstream', message: /p\/one: 412/ })
}))

test('who is not let in is told so, without the secret; a server that goes on failing is out of reach', async () => {
  await withServer({ '/': { status: 403, body: '<Error><Code>SignatureDoesNotMatch</Code></Error>' } }, async (open) => {
    await assert.rejects(open().read('one'), (error: unknown) => {
      assert.ok(error instanceof Failure && error.exit === 'config' && !error.message.includes(SECRET))
      return /403 SignatureDoesNotMatch/.test(error.message)
    })
  })
  await withServer({ '/': { status: 503, body: '<Error><Code>SlowDown</Code></Error>' } }, async (open, asked) => {
    await assert.rejects(open().read('one'), { exit: 'upstream', message: /503 SlowDown/ })
    assert.equal(asked(), 6)
  })
})

test('a creation whose answer was lost is ours if what stands there is', async () => {
  let puts = 0
  const routes: Routes = {
    '/bucket/p/.conditions': (asked) => ({ status: asked.headers['if-none-match'] === undefined ? 200 : 412 }),
    '/bucket/p/one': (asked) => (asked.method === 'GET' ? { body: 'mine' } : { status: puts++ % 2 === 0 ? 500 : 412 }),
  }
  await withServer(routes, async (open) => {
    assert.equal(await open().create('one', Buffer.from('mine')), true)
    assert.equal(await open().create('one', Buffer.from('theirs')), false)
  })
})

test('what is no answer of such a server is no empty place; a question that failed is asked anew', async () => {
  await withServer({ '/': { status: 404, body: '<html>not here</html>' } }, async (open) => {
    await assert.rejects(open().read('one'), { exit: 'upstream' })
    await assert.rejects(open().remove('one'), { exit: 'upstream' })
  })
  let isDown = true
  const routes: Routes = {
    '/bucket/p/.conditions': (asked) => ({ status: isDown ? 503 : asked.headers['if-none-match'] === undefined ? 200 : 412 }),
    '/bucket/p/one': { status: 200 },
  }
  await withServer(routes, async (open) => {
    const objects = open()
    await assert.rejects(objects.create('one', Buffer.from('x')), { exit: 'upstream' })
    isDown = false
    assert.equal(await objects.create('one', Buffer.from('x')), true)
  })
})

test('a bucket that is not there is no empty one, and lists go on where a page ends', async () => {
  await withServer({ '/': { status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' } }, async (open) => {
    await assert.rejects(open().read('one'), { exit: 'upstream', message: /404 NoSuchBucket/ })
    await assert.rejects(open().list(''), { exit: 'upstream' })
  })
  const page = (key: string, more: string): string => {
    const entry = `<Contents><Key>p/${key}</Key><Size>3</Size><LastModified>2021-01-15T15:00:00.000Z</LastModified></Contents>`
    return `<?xml version="1.0"?><ListBucketResult xmlns="x">${entry}${more}</ListBucketResult>`
  }
  const first = page('b', '<IsTruncated>true</IsTruncated><NextContinuationToken>t+/=</NextContinuationToken>')
  await withServer({ '/': { body: first } }, (open) => assert.rejects(open().list(''), { exit: 'data' }))
  const second = first.replace('t+/=', 'u')
  await withServer({ '/': ({ url }) => ({ body: url.includes('continuation-token=t') ? second : first }) }, async (open, asked) => {
    await assert.rejects(open().list(''), { exit: 'data', message: /round in circles/ })
    assert.equal(asked(), 3)
  })
  const last = page('a', '<IsTruncated>false</IsTruncated>')
  await withServer({ '/': ({ url }) => ({ body: url.includes('continuation-token=t%2B%2F%3D') ? last : first }) }, async (open) => {
    assert.deepEqual((await open().list('')).map(({ name }) => name), ['a', 'b'])
  })
  for (const body of ['', '<html>', page('a', '<IsTruncated>true</IsTruncated>'), page('a', '').replace('<Size>3</Size>', '')]) {
    await withServer({ '/': { body } }, (open) => assert.rejects(open().list(''), { exit: 'data' }))
  }
})

test('addresses: what is none is refused, and secrets do not leave this machine in the clear', () => {
  assert.equal(parseS3Address('s3://my-bucket/a/b?endpoint=https://s3.example:9000&region=eu-1').prefix, 'a/b/')
  const wrong = ['', '//B/x?endpoint=https://h', '//bucket/x', '//bucket?endpoint=ftp://h', '//bucket?endpoint=https://h&x=1', '//bucket?endpoint=https://u:p@h']
  for (const text of wrong.map((rest) => `s3:${rest}`)) {
    assert.throws(() => parseS3Address(text), { exit: 'usage' }, text)
  }
  assert.throws(() => parseS3Address('s3://bucket?endpoint=http://10.0.0.1'), { exit: 'refused' })
})
