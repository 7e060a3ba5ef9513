import { readNamed } from '#port/folder'
import { command } from '#tool'
import { botProbability } from '#domain/swarm/accounts'
import { accountsIn } from '#wire/swarm/accounts'

export default command({
  name: 'vanta-swarm accounts',
  summary: 'Say of each account in a table how likely a program runs it.',
  about:
    'A CSV of accounts, columns as Twitter names them: followers_count, friends_count, listed_count, favourites_count, statuses_count, verified, ' +
    'default_profile, default_profile_image, created_at, has_url, screen_name_len, screen_name_digits, name_len, description_len, description_has_bot, ' +
    'location_len; any may be missing. One line a row: its cells by column, `bot_probability` and `is_bot`. A label in the table is not looked at.',
  operands: 'FILE',
  options: {
    at: { kind: 'moment', help: 'when the table was captured, for the age of accounts (default: when the newest of them was made)' },
  },
  examples: [
    'printf "followers_count,friends_count,statuses_count,screen_name_digits,default_profile_image\\n3,900,12,8,True\\n" > /tmp/accounts.csv && ' +
      'vanta-swarm accounts /tmp/accounts.csv | jq .is_bot',
  ],
  act({ at }, operands, world) {
    for (const file of operands) {
      const { columns, rows } = accountsIn(readNamed(world.folder, file), file, at)
      for (const { cells, account } of rows) {
        const probability = botProbability(account)
        const given = Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? '']))
        world.print(JSON.stringify({ ...given, bot_probability: Math.round(probability * 1e6) / 1e6, is_bot: probability >= 0.5 }))
      }
    }
  },
})
