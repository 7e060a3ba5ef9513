import { MINUTE_MS } from '#record'
import { Failure } from '#tool'
import { feed } from '#tool/feed'
import { crawl } from '#wire/forum/crawl'
import { forumParser, hostOf } from '#wire/forum/payload'

const SLOWLY = { requests: 20, perMs: MINUTE_MS }

export default feed({
  name: 'vanta-darknet',
  summary: 'Read the posts of forums, hidden services too: text only, through a SOCKS5 proxy that also resolves the names.',
  about:
    'Boards are told by their markup: phpBB, XenForo, vBulletin, SMF, MyBB, Invision, Discourse, Vanilla, bbPress, FluxBB, ' +
    'vichan. A post is keyed by its number; what it quotes is told apart from its own words; links are facts, and pictures and ' +
    'attachments are never fetched. Its time is what the page proves: an instant, or a clock together with the zone that the page ' +
    'says all its clocks are in. Otherwise it is as of when it was heard, and the stated time is a fact. A page that wants a ' +
    'login or proof of a human reader is said to be one (65).\n' +
    'Without --socks nothing is asked, but of an --endpoint on loopback; a contact is not told to boards. Secrets: the Cookie of ' +
    'a board, under its host.',
  options: {
    url: {
      kind: 'list',
      help: 'boards, threads or both, such as http://NAME.onion/viewforum.php?f=2; with --from, the board of pages that do not name theirs',
    },
    threads: { kind: 'integer', default: '20', help: 'threads of a board that are read in one round' },
    pages: { kind: 'integer', default: '5', help: 'pages of a list or a thread that are read in one round' },
  },
  examples: [
    `printf '<div id="p7" class="post"><p class="author"><strong>ann</strong> <time datetime="2024-01-15T10:30:00Z">Jan 15</time></p>` +
      `<div class="content">GME again</div></div>' | vanta-darknet --from - --url http://board.example/`,
    {
      run: 'vanta-darknet --url http://exampleonion.onion/viewforum.php?f=2 --once',
      note: 'without --socks it refuses to ask',
      status: 78,
    },
    'vanta-darknet --list-sources',
  ],
  every: '10m',
  service: { name: 'forum', origins: [], rate: SLOWLY, needsSocks: true },
  sources: [{
    name: 'forum pages',
    reads: 'HTML of boards: lists of threads and threads, with posts, authors, times, quotes, edits, removals',
    address: 'the boards of --url, through --socks (Tor listens at 127.0.0.1:9050)',
    limits: '20 requests a minute for each board, over all processes of a home',
    terms: 'those of each board; many forbid automatic reading, and what is posted may be unlawful to keep where you are',
  }],
  watch: { hours: 'always', quietMs: 24 * 60 * MINUTE_MS },
  open: ({ url }, reading) => forumParser(reading, url?.length === 1 ? url[0] : undefined),
  async *live({ url: boards = [], threads, pages }, world) {
    if (boards.length === 0) throw new Failure('usage', '--url is required: which boards')
    for (const board of boards) {
      const host = hostOf(board)
      if (host === undefined || !URL.canParse(board)) {
        throw new Failure('usage', `--url: expected an address like http://NAME.onion/viewforum.php?f=2, got "${board}"`)
      }
      const http = world.httpOf({ name: `forum_${host.replaceAll(':', '_')}`, origins: [new URL(board).origin], rate: SLOWLY, needsSocks: true })
      const cookie = (await world.optionalCredentials())?.[host]
      const cursor = world.cursor(board)
      yield* crawl(board, cursor.state, {
        get: (url) => http.get({ url, headers: { accept: 'text/html' }, ...(cookie !== undefined && { secret: { headers: { cookie } } }) }),
        read: (answer) => world.read(answer),
        save: (state) => cursor.save(state),
      }, { threads, pages })
    }
  },
})
