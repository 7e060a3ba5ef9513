import type { Asked, Reply } from '../service/service.ts'
import { conforms } from './conformance.ts'

const FIRST = 1_175_000_000_000_000_000n, COUNT = 80

/** As Discord does: newest first; after a message the next ones, newest of them first. */
function messages({ url }: Asked): Reply {
  const query = new URL(url, 'http://x').searchParams
  const limit = Number(query.get('limit')), after = query.get('after')
  const ids = Array.from({ length: COUNT }, (_, i) => FIRST + (BigInt(i) << 30n))
  const page = after === null ? ids.slice(-limit) : ids.filter((id) => id > BigInt(after)).slice(0, limit)
  const body = page.reverse().map((id) => ({ id: String(id), channel_id: '5', type: 0, content: `message ${id}`, author: { id: '42', username: 'ann' } }))
  return { headers: { 'content-type': 'application/json', 'x-ratelimit-remaining': '4', 'x-ratelimit-reset-after': '1.000' }, body: JSON.stringify(body) }
}

conforms({
  tool: 'vanta-discord',
  words: ['--channel', '5'],
  credentials: { TOKEN: 'sesame-open-0123456789' },
  routes: { '/api/v10/channels/5/messages': messages },
  atLeast: COUNT,
})
