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

const post = (id: number): string => `<div class="tgme_widget_message" data-post="desk/${id}"><div class="tgme_widget_message_text">post ${id}</div>
  <a class="tgme_widget_message_date"><time datetime="2023-11-14T22:13:${String(id % 60).padStart(2, '0')}+00:00"></time></a></div>`

/** As t.me does: the latest 20 posts, or the 20 before one. */
function page({ url }: Asked): Reply {
  const before = Number(new URL(url, 'http://x').searchParams.get('before') ?? 56)
  const ids = Array.from({ length: before - 1 }, (_, i) => i + 1).slice(-20)
  return { headers: { 'content-type': 'text/html; charset=utf-8' }, body: `<html><body><section class="tgme_channel_history">${ids.map(post).join('')}</section></body></html>` }
}

conforms({ tool: 'vanta-telegram', words: ['--channel', 'desk'], routes: { '/s/desk': page }, atLeast: 55 })
