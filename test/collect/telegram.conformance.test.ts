import type { Asked, Reply } from '../service/service.ts'
import { conforms } from './conformance.ts'

const TOKEN = '123456:AAsesame-open_0123456789'
const FIRST = 900_001, LAST = 900_250
const chat = { id: -1001, type: 'channel', title: 'Desk', username: 'thedesk' }

/** As Telegram does: updates from `offset` on, at most `limit`; those before are forgotten. */
function updates({ url }: Asked): Reply {
  const query = new URL(url, 'http://x').searchParams
  const from = Math.max(FIRST, Number(query.get('offset') ?? FIRST)), limit = Number(query.get('limit'))
  const result = Array.from({ length: Math.max(0, Math.min(limit, LAST + 1 - from)) }, (_, i) => from + i)
    .map((id) => ({ update_id: id, channel_post: { message_id: id - FIRST + 1, date: 1_700_000_000 + id - FIRST, chat, text: `post ${id}` } }))
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ok: true, result }) }
}

conforms({
  tool: 'vanta-telegram',
  words: [],
  credentials: { TOKEN },
  routes: { [`/bot${TOKEN}/getUpdates`]: updates },
  atLeast: 250,
  missing: 78,
})
