import { MINUTE_MS } from '#record'
import { Failure } from '#tool'
import { feed } from '#tool/feed'
import { channelRound, gatewayRound } from '#wire/discord/live'
import { discordParser } from '#wire/discord/payload'

export default feed({
  name: 'vanta-discord',
  summary: 'Hear Discord: messages of channels over the API and the gateway, exports of DiscordChatExporter.',
  about:
    'Payloads are told by what they hold: messages of the API (a list, one, or a search), frames of the gateway (one, or one a ' +
    'line), exports of DiscordChatExporter (JSON). Ids are snowflakes, kept as text; a message is keyed by its own ' +
    '(discord:1045178587575242772), edits and removals share the key, and a stated time that its snowflake contradicts is told ' +
    'with it. Bots and webhooks are marked as such.\n' +
    'Live: --channel is read round after round, from the newest back to what was heard; messages that stood among the newest and ' +
    'are gone are removals. --gateway listens as well, as it happens. The credentials hold the TOKEN of a bot.',
  options: {
    channel: { kind: 'list', help: 'numbers of the channels to read' },
    gateway: { kind: 'flag', help: 'listen to the gateway too; without --channel, to all channels that the bot is in' },
  },
  examples: [
    `printf '[{"id":"1175000000000000000","channel_id":"5","type":0,"content":"GME halted","author":{"id":"42"},` +
      `"timestamp":"2023-11-17T09:10:30.444000+00:00"}]' | vanta-discord --from -`,
    `printf '{"op":0,"s":3,"t":"MESSAGE_DELETE","d":{"id":"1175000000000000000","channel_id":"5"}}' | vanta-discord --from -`,
    `printf '{"guild":{"id":"1"},"channel":{"id":"5"},"messages":[{"id":"1175000000000000000","type":"Default","content":"GME halted",` +
      `"timestamp":"2023-11-17T09:10:30.444+00:00","author":{"id":"42"}}]}' | vanta-discord --from -`,
    'vanta-discord --list-sources',
  ],
  every: '1m',
  service: { name: 'discord', origins: ['https://discord.com', 'wss://gateway.discord.gg'], rate: { requests: 40, perMs: 1000 } },
  sources: [
    {
      name: 'channel messages',
      reads: 'messages, edits and removals among the newest, embeds, reactions of the channels of --channel',
      address: 'https://discord.com/api/v10/channels/CHANNEL/messages',
      limits: '50 requests a second for a bot, and those of each route, told in X-RateLimit-*; 100 messages an answer',
      terms: 'https://discord.com/developers/docs/policies-and-agreements/developer-terms-of-service; a bot that the server has let in',
    },
    {
      name: 'gateway',
      reads: 'messages, edits and removals as they happen',
      address: 'wss://gateway.discord.gg',
      limits: '1000 new sessions a day; sessions are taken up again where they were left',
      terms: 'as above; the words of others only with the message content intent',
    },
    {
      name: 'exports',
      reads: 'JSON of DiscordChatExporter: all messages of a channel, with edits, replies, embeds, reactions',
      address: 'files',
      limits: 'none',
      terms: 'what others wrote is theirs',
    },
  ],
  watch: { hours: 'always', quietMs: 12 * 60 * MINUTE_MS },
  open: (_, reading) => discordParser(reading),
  async *live({ channel, gateway }, world) {
    if (channel === undefined && !gateway) throw new Failure('usage', '--channel or --gateway is required')
    for (const id of channel ?? []) yield* channelRound(id, world)
    if (gateway) yield* gatewayRound(channel, world)
  },
})
