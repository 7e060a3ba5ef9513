import { MINUTE_MS } from '#record'
import { feed } from '#tool/feed'
import { previewed, updated } from '#wire/telegram/live'
import { telegramParser } from '#wire/telegram/payload'

export default feed({
  name: 'vanta-telegram',
  summary: 'Hear Telegram: what a bot is told, Desktop exports, public pages of channels.',
  about:
    'Payloads are told by what they hold: answers of getUpdates and single updates, result.json of Telegram Desktop (one chat or ' +
    'a whole account), pages of t.me/s. Messages are keyed by chat and number as their links are (telegram:autonews/12, ' +
    'telegram:c/1234567890/12); edits share the key. What everyone could read is known from the moment it was posted, everything ' +
    'else from when it was heard. Dates of an export that have no instant beside them are the exporter\'s own clock: such a ' +
    'message is as of when it was heard, and the stated time is a fact. Views, votes and reactions are snapshots, as they are ' +
    'stated.\n' +
    'Live: --channel reads public pages; without it the bot whose TOKEN is in the credentials is asked, and what has left this ' +
    'process is confirmed.',
  options: {
    channel: { kind: 'list', help: 'public channels by name, such as durov, instead of a bot' },
    pages: { kind: 'integer', default: '5', help: 'pages of a channel that are turned back to what was heard before' },
  },
  examples: [
    `printf '{"name":"Desk","type":"public_channel","id":7,"messages":[{"id":1,"type":"message","date_unixtime":"1700000000",` +
      `"text":["see ",{"type":"link","text":"https://sec.gov"}]}]}' | vanta-telegram --from -`,
    `printf '{"ok":true,"result":[{"update_id":5,"channel_post":{"message_id":9,"date":1700000000,` +
      `"chat":{"id":-1001,"type":"channel","username":"desk"},"text":"GME halted"}}]}' | vanta-telegram --from -`,
    `printf '<div class="tgme_widget_message" data-post="desk/9"><div class="tgme_widget_message_text">GME halted</div><a ` +
      `class="tgme_widget_message_date"><time datetime="2023-11-14T22:13:20+00:00"></time></a></div>' | vanta-telegram --from -`,
    'vanta-telegram --list-sources',
  ],
  every: '5s',
  service: { name: 'telegram', origins: ['https://api.telegram.org', 'https://t.me'], rate: { requests: 30, perMs: MINUTE_MS } },
  sources: [
    {
      name: 'bot updates',
      reads: 'messages, channel posts, edits, polls, reaction counts of the chats that the bot is in',
      address: 'https://api.telegram.org/botTOKEN/getUpdates, by long polling; unusable while a webhook is set',
      limits: 'at most 100 updates an answer, kept by Telegram for 24 hours; one listener a bot; 429 tells when to come again',
      terms: 'https://core.telegram.org/bots/api and https://telegram.org/tos/bot-developers; in groups a bot in privacy mode hears commands only',
    },
    {
      name: 'public pages',
      reads: 'the latest posts of a public channel, about 20 a page, and how often they were seen',
      address: 'https://t.me/s/CHANNEL',
      limits: 'none told; 30 requests a minute here, shared with the bot by all processes of a home',
      terms: 'https://telegram.org/tos; channels can turn the page off',
    },
    {
      name: 'Desktop export',
      reads: 'result.json: all messages of a chat or an account, with edits, forwards, replies, polls, reactions',
      address: 'files (Telegram Desktop: Export chat history, JSON)',
      limits: 'none',
      terms: 'your own account; what others wrote is theirs',
    },
  ],
  watch: { hours: 'always', quietMs: 6 * 60 * MINUTE_MS },
  open: (_, reading) => telegramParser(reading),
  async *live({ channel, pages, once, timeout }, world) {
    for (const name of channel ?? []) yield* previewed(name, pages, world)
    // A long poll must be over before our own time-out is.
    if (channel === undefined) yield* updated(world, once ? 0 : Math.max(0, Math.floor(timeout / 1000) - 5))
  },
})
