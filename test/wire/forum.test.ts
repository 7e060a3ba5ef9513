import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { check, identify, type Signal } from '#record'
import { Failure } from '#port/failure'
import { forumParser, hostOf } from '#wire/forum/payload'
import { readPage } from '#wire/forum/page'
import { sameOrigin } from '#wire/forum/crawl'
import { statedZone } from '#wire/forum/times'
import { sharedFolder } from '../collect/payload_world.ts'
import { bearsDamage } from './hostile.ts'

const HEARD_MS = Date.UTC(2026, 0, 2, 3, 4, 5)
const HEARD = '2026-01-02T03:04:05.000Z'

interface Read {
  readonly signals: Signal[]
  readonly rejects: string[]
}
function read(html: string | Buffer, more: { url?: string; board?: string; contentType?: string; heardMs?: number } = {}): Read {
  const rejects: string[] = []
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const parser = forumParser({ by: 'test/0', log, reject: (place, why) => rejects.push(`${place}: ${why}`) }, more.board)
  const { heardMs = HEARD_MS, url, contentType } = more
  const signals = [...parser.read({ name: 'page', bytes: Buffer.from(html), heardMs, url, contentType }) as Iterable<Signal>]
  for (const signal of signals) {
    assert.deepEqual(check(signal), { record: signal })
    assert.equal(identify(signal), signal.id)
    assert.ok(signal.known_at >= signal.at)
  }
  return { signals, rejects }
}
const refused = (html: string | Buffer, message: RegExp): void =>
  assert.throws(() => read(html), (error: unknown) => error instanceof Failure && error.exit === 'data' && message.test(error.message))

/** A page of each software, cut down to what its template always has. */
const PAGES: { readonly [software: string]: { readonly html: string; readonly id: string; readonly at?: string; readonly stated?: string } } = {
  'XenForo 2': {
    id: 'post/31', at: '2024-01-15T09:30:00.000Z',
    html: `<article class="message message--post js-post" data-author="ann" data-content="post-31" id="js-post-31"><h4 class="message-name"><a class="username">ann</a></h4>
      <ul class="message-attribution-main"><li><a href="/threads/t.5/post-31"><time class="u-dt" datetime="2024-01-15T10:30:00+0100" data-time="1705311000">Jan 15</time></a></li></ul>
      <div class="message-attribution"><time class="u-dt" datetime="2024-01-15T10:30:00+0100" data-time="1705311000">Jan 15</time></div>
      <div class="message-body"><div class="bbWrapper"><blockquote data-quote="bob" data-source="post: 30" class="bbCodeBlock bbCodeBlock--quote">
      <div class="bbCodeBlock-title"><a>bob said:</a></div><div class="bbCodeBlock-content">no</div></blockquote>yes</div></div></article>`,
  },
  'vBulletin 3': {
    id: 'post/31', at: '2014-06-11T16:28:00.000Z',
    html: `<table id="post31" class="tborder"><tr><td class="thead"><a name="post31"></a> June 11th, 2014, 11:28 AM</td></tr><tr><td class="alt2"><a class="bigusername" href="member.php?u=1">ann</a></td></tr>
      <tr><td><div id="post_message_31"><div style="margin:20px"><div class="smallfont">Quote:</div><table><tr><td class="alt2"><div>Originally Posted by <strong>bob</strong></div><div>no</div></td></tr></table></div>yes</div></td></tr></table><div>All times are GMT -5. The time now is <span>1</span>.</div>`,
  },
  'vBulletin 5': {
    id: 'post/31', at: '2024-01-15T10:30:00.000Z',
    html: `<li data-node-id="31" class="b-post js-post"><div class="author"><a>ann</a></div><time itemprop="dateCreated" datetime="2024-01-15T10:30:00Z">01-15-2024</time>
      <div class="js-post__content-text"><div class="bbcode_container"><div class="bbcode_quote">no</div></div>yes</div></li>`,
  },
  'phpBB 3.3': {
    id: 'post/31', at: '2024-01-15T10:30:00.000Z',
    html: `<div id="p31" class="post has-profile bg2"><p class="author"><a href="./viewtopic.php?p=31#p31"></a>by <strong><a class="username">ann</a></strong> » <time datetime="2024-01-15T10:30:00+00:00">Mon Jan 15</time></p>
      <div class="content"><blockquote><div><cite>bob wrote:</cite>no</div></blockquote>yes</div><div class="notice">Last edited by ann</div><div class="signature">sig</div></div>`,
  },
  'phpBB 2': {
    id: 'post/31', stated: 'Mon Jun 02, 2003 9:31 am',
    html: `<table class="forumline"><tr><td class="row1"><span class="name"><a name="31"></a><b>ann</b></span></td><td><table><tr><td><span class="postdetails">Posted: Mon Jun 02, 2003 9:31 am   Post subject: x</span></td></tr>
      <tr><td colspan="2"><span class="postbody"></span><table><tr><td><span class="genmed"><b>bob wrote:</b></span></td></tr><tr><td class="quote">no</td></tr></table>
      <span class="postbody">yes<br />_________________<br />sig</span></td></tr></table></td></tr></table>`,
  },
  'SMF 2': {
    id: 'post/31', stated: 'June 11, 2014, 11:28:00 AM',
    html: `<div class="post_wrapper"><div class="poster"><h4><a>ann</a></h4></div><div class="keyinfo"><h5 id="subject_31"><a>x</a></h5><div class="smalltext">« <strong>Reply #3 on:</strong> June 11, 2014, 11:28:00 AM »</div></div>
      <div class="post"><div class="inner" id="msg_31"><div class="quoteheader"><a href="topic=1.msg30#msg30">Quote from: bob on June 10</a></div><blockquote class="bbc_standard_quote">no</blockquote>yes</div></div></div>`,
  },
  'MyBB': {
    id: 'post/31', stated: '06-11-2014, 11:28 AM',
    html: `<div class="post" id="post_31"><div class="author_information"><span class="largetext"><a>ann</a></span></div><div class="post_head"><span class="post_date">06-11-2014, 11:28 AM</span></div>
      <div class="post_body" id="pid_31"><blockquote class="mycode_quote"><cite>bob Wrote:</cite>no</blockquote>yes</div></div>`,
  },
  'Invision 4': {
    id: 'post/31', at: '2024-01-15T10:30:00.000Z',
    html: `<article id="elComment_31"><h3 class="cAuthorPane_author">ann</h3><time datetime="2024-01-15T10:30:00Z" title="x">x</time>
      <div data-role="commentContent"><blockquote class="ipsQuote" data-ipsquote-username="bob"><div class="ipsQuote_citation">bob said:</div>no</blockquote><p>yes</p></div></article>`,
  },
  'Discourse': {
    id: 'thread/5#3', at: '2024-01-15T10:30:00.000Z',
    html: `<link rel="canonical" href="https://board.example/t/a-title/5"><div id="post_3" class="topic-body crawler-post"><span class="creator" itemprop="author"><a><span itemprop="name">ann</span></a></span>
      <time datetime="2024-01-15T10:30:00Z" class="post-time">x</time><div class="post" itemprop="text"><aside class="quote" data-username="bob"><div class="title">bob:</div><blockquote>no</blockquote></aside><p>yes</p></div></div>`,
  },
  'Vanilla': {
    id: 'comment/31', at: '2024-01-15T10:30:00.000Z',
    html: `<ul><li class="Item ItemComment" id="Comment_31"><span class="Author"><a class="Username">ann</a></span><time datetime="2024-01-15T10:30:00+00:00">x</time>
      <div class="Message"><blockquote class="Quote UserQuote"><div class="QuoteAuthor">bob said:</div>no</blockquote>yes</div></li></ul>`,
  },
  'FluxBB': {
    id: 'post/31', stated: '2014-06-11 11:28:00',
    html: `<div id="p31" class="blockpost"><h2><span><a href="viewtopic.php?pid=31#p31">2014-06-11 11:28:00</a></span></h2><div class="postleft"><dl><dt><strong>ann</strong></dt></dl></div>
      <div class="postmsg"><div class="quotebox"><cite>bob wrote:</cite><blockquote><div>no</div></blockquote></div><p>yes</p></div></div>`,
  },
  'bbPress': {
    id: 'post/31', stated: 'June 11, 2014 at 11:28 am',
    html: `<div id="post-31" class="bbp-reply-header"><span class="bbp-reply-post-date">June 11, 2014 at 11:28 am</span></div><div class="odd post-31 reply type-reply">
      <div class="bbp-reply-author"><a class="bbp-author-name">ann</a></div><div class="bbp-reply-content"><blockquote>no</blockquote><p>yes</p></div></div>`,
  },
  'vichan': {
    id: 'post/31', at: '2024-01-15T10:30:00.000Z',
    html: `<div class="post reply" id="reply_31"><p class="intro"><span class="name">ann</span> <time datetime="2024-01-15T10:30:00Z">x</time></p><div class="body"><blockquote>no</blockquote>yes</div></div>`,
  },
}

for (const [software, { html, id, at, stated }] of Object.entries(PAGES)) {
  test(`a post of ${software}: number, author, own words, quote, time`, () => {
    const { signals, rejects } = read(html, { url: 'http://board.example/page' })
    assert.equal(signals.length, 1, rejects.join())
    const [post] = signals
    assert.equal(post?.key, `forum:board.example/${id}`)
    assert.equal(post?.author, 'forum:board.example/ann')
    assert.equal(post?.facts?.['text'], 'yes')
    assert.equal((post?.facts?.['quotes'] as { text: string }[])[0]?.text, 'no')
    assert.equal(post?.at, at ?? HEARD)
    assert.equal(post?.facts?.['at_is'], at === undefined ? 'heard' : undefined)
    assert.equal(post?.facts?.['stated_time'], stated)
  })
}

test('the first post of a discussion counts as its comments do', () => {
  const html = `<div class="MessageList Discussion"><div id="Discussion_5" class="Item ItemDiscussion"><a class="Username">bob</a><div class="Message">first</div></div></div>${PAGES['Vanilla']?.html ?? ''}`
  assert.deepEqual(read(html).signals.map(({ key }) => key), ['forum:discussion/5', 'forum:comment/31'])
})

test('who is quoted, and which post, where the quote says so', () => {
  const quoteOf = (software: string): unknown => (read(PAGES[software]?.html ?? '').signals[0]?.facts?.['quotes'] as unknown[])[0]
  assert.deepEqual(quoteOf('XenForo 2'), { of: 'bob', post: '30', text: 'no' })
  for (const software of ['vBulletin 3', 'phpBB 2']) assert.deepEqual(quoteOf(software), { of: 'bob', text: 'no' }, software)
  assert.deepEqual(quoteOf('phpBB 3.3'), { of: 'bob', text: 'no' })
  assert.deepEqual(quoteOf('MyBB'), { of: 'bob', text: 'no' })
  assert.deepEqual(quoteOf('Discourse'), { of: 'bob', text: 'no' })
  assert.deepEqual(quoteOf('FluxBB'), { of: 'bob', text: 'no' })
})

const post = (inside: string, around = ''): string => `<div id="p9" class="post"><p class="author"><strong>ann</strong> ${inside}</p><div class="content">words</div></div>${around}`

test('times: what is proven, what is only stated, and what is nonsense', () => {
  const timed = (html: string): unknown[] => {
    const [signal] = read(html).signals
    return [signal?.at, signal?.facts?.['at_is'], signal?.facts?.['stated_time']]
  }
  assert.deepEqual(timed(post('» Wed Jun 11, 2014 11:28 am', 'All times are UTC + 1 hour')), ['2014-06-11T10:28:00.000Z', undefined, undefined])
  assert.deepEqual(timed(post('» Wed Jun 11, 2014 11:28 am', 'All times are UTC + 1 hour [ DST ]')), ['2014-06-11T09:28:00.000Z', undefined, undefined])
  assert.deepEqual(timed(post('» Wed Jun 11, 2014 11:28 am')), [HEARD, 'heard', 'Wed Jun 11, 2014 11:28 am'])
  assert.deepEqual(timed(post('» Wed Jun 11, 2014 11:28 am', 'All times are UTC+02:00')), [HEARD, 'heard', 'Wed Jun 11, 2014 11:28 am'], 'the offset of today')
  assert.deepEqual(timed(post('» Today, 11:28', 'All times are UTC')), [HEARD, 'heard', 'Today, 11:28'])
  assert.deepEqual(timed(post('» 5 minutes ago', 'All times are UTC')), [HEARD, 'heard', '5 minutes ago'])
  assert.deepEqual(timed(post('» 06-11-2014, 11:28 AM', 'All times are GMT')), [HEARD, 'heard', '06-11-2014, 11:28 AM'], 'a day or a month')
  assert.deepEqual(timed(post('<time datetime="2224-01-15T10:30:00Z">x</time>')), [HEARD, 'heard', 'x'])
  assert.deepEqual(timed(post('<time datetime="0001-01-01T00:00:00Z">x</time>')), [HEARD, 'heard', 'x'])
  assert.deepEqual(timed(post('<time datetime="2024-01-15T10:30:00">Jan 15</time>')), [HEARD, 'heard', 'Jan 15'])
  assert.equal(statedZone('All times are GMT -5. The time now is 11:59 AM.'), -5 * 3_600_000)
  assert.equal(statedZone('Heures au format UTC'), 0)
  assert.equal(statedZone('the time is 5'), undefined)
})

test('an edit whose moment is proven is when the words were put there; another is told as it is stated', () => {
  const edited = (edit: string): Signal | undefined => read(PAGES['XenForo 2']?.html.replace('yes</div>', `yes</div><div class="message-lastEdit">${edit}</div>`) ?? '').signals[0]
  const proven = edited('<time class="u-dt" datetime="2024-02-01T00:00:00Z">Feb 1</time>')
  assert.deepEqual([proven?.at, proven?.facts?.['posted']], ['2024-02-01T00:00:00.000Z', '2024-01-15T09:30:00.000Z'])
  assert.equal(edited('<time class="u-dt">Feb 1, 2024 at 10:00</time>')?.facts?.['edited'], 'Feb 1, 2024 at 10:00')
  assert.equal(edited('<time class="u-dt">5 minutes ago</time>')?.facts?.['edited'], true, 'tomorrow it would be told otherwise')
})

test('a post that was taken down is a deletion; what the host puts among posts, and a post without words, are said', () => {
  const gone = read('<ul><li class="postbitdeleted" id="post_7"><a class="username">ann</a><span class="postdate">Yesterday</span></li></ul>')
  assert.deepEqual(gone.signals.map(({ type, key }) => `${type} ${key}`), ['deletion forum:post/7'])
  const { signals, rejects } = read(`${post('')}<div id="p0" class="post"><div class="content">buy</div></div><div id="p10" class="post"><div class="content"><img src="x.png"></div></div>`)
  assert.equal(signals.length, 1)
  assert.deepEqual(rejects, ['1 of the page: put among the posts by the host, no post', 'post/10: a post without text'])
})

test('nothing of scripts, styles, frames and pictures is read; pictograms stand for their characters', () => {
  const html = `<div id="p9" class="post"><div class="content"><script>alert(1)</script>a<style>b{}</style><iframe src="//x">c</iframe> <img class="smilies" alt=":)"> <img alt="chart">&amp;lt;b&gt;<svg><text>d</text></svg>
    <a href="javascript:x()">e</a><a href="#p1">f</a><a href="http://x.example/?a=1&amp;b=2">g</a></div></div>`
  const facts = read(html).signals[0]?.facts
  assert.equal(facts?.['text'], 'a :) &lt;b>\nefg'.replace('\n', ' '))
  assert.deepEqual(facts?.['links'], ['http://x.example/?a=1&b=2'])
})

test('what a board shows instead of posts is said', () => {
  refused('<form><input type="password" name="p"></form>', /wants a login/)
  refused('<html><head><title>Just a moment...</title></head><body></body></html>', /human reader/)
  refused('<div><img src="/captcha.php?x=1"><input name="captcha_code"></div>', /human reader/)
  refused('<html><body><p>hello</p></body></html>', /no page of a forum/)
  refused('{"json": true}', /no HTML/)
  refused('', /nothing in it/)
  assert.throws(() => read('<div>', { contentType: 'image/png' }), /image\/png, no HTML/)
  assert.deepEqual(read('<ul><li><a class="forumtitle" href="viewforum.php?f=2">Board</a></li></ul><input type="password">'),
    { signals: [], rejects: ['page: a list of boards, no posts'] })
})

test('links are followed on the page\'s origin alone', () => {
  const at = 'http://board.example/forum/viewforum.php?f=2'
  assert.equal(sameOrigin('./viewtopic.php?t=5&sid=0123abc#p9', { base: undefined, address: at }), 'http://board.example/forum/viewtopic.php?t=5')
  assert.equal(sameOrigin('threads/x.5/', { base: 'http://board.example/', address: at }), 'http://board.example/threads/x.5/')
  for (const href of ['http://evil.example/', '//evil.example/', 'http://board.example:81/', 'https://board.example/', 'http://a:b@board.example/', 'file:///etc/passwd', 'javascript:x', 'http://[']) {
    assert.equal(sameOrigin(href, { base: undefined, address: at }), undefined, href)
  }
  assert.equal(sameOrigin('x', { base: 'http://evil.example/', address: at }), undefined)
  assert.equal(hostOf('http://Board.example:80/x'), 'board.example')
})

test('encodings: what is declared, in the page or by the server, and what is not', () => {
  const page = (text: string, head = ''): string => `<html><head>${head}</head><body><div id="p9" class="post"><div class="content">${text}</div></div></body></html>`
  const textIn = (bytes: Buffer, contentType?: string): unknown => read(bytes, contentType === undefined ? {} : { contentType }).signals[0]?.facts?.['text']
  assert.equal(textIn(Buffer.from(page('10 €'.replace('€', '\xa4'), '<meta charset="iso-8859-15">'), 'latin1')), '10 €')
  assert.equal(textIn(Buffer.from(page('caf\xe9'), 'latin1'), 'text/html; charset=iso-8859-1'), 'café')
  assert.equal(textIn(Buffer.from(page('café'))), 'café')
  assert.equal(typeof textIn(Buffer.from(page('\xff\xfe'), 'latin1')), 'string')
})

const samples = Object.values(PAGES).map(({ html }) => html)
test('cut or damaged anywhere, a page gives posts, a reason or a Failure, and ends', () => bearsDamage(read, samples))

test('no nesting and no number of anything makes it hang', () => {
  const many = 100_000
  const ended = (html: string): void => {
    try {
      read(html)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }
  ended('<div>'.repeat(many) + '</span>'.repeat(many))
  ended(`<div id="p9" class="post"><div class="content">${'<blockquote>'.repeat(many)}x`)
  ended(`<div id="p9" class="post"><div class="content">${'<blockquote>x</blockquote>'.repeat(many)}</div></div>`)
  ended('<div id="p9" class="post"><div class="content">x</div>'.repeat(20_000))
  ended('<table class="forumline"><tr>'.repeat(20_000))
  ended(`<table>${'<tr><td>'.repeat(many)}`)
  ended('<li class="row"><a class="topictitle" href="t=1">x</a>'.repeat(20_000))
  ended(`<div id="post-1" class="reply post-1"><div class="bbp-reply-content">x</div></div>`.repeat(20_000))
})

const folder = sharedFolder('fixtures', 'forum')
test('recorded pages: each gives what was counted by hand, or the reason', { skip: folder === undefined ? 'needs the recorded pages of VANTA_SHARED' : false }, () => {
  const told: { [name: string]: string } = {}
  for (const name of readdirSync(folder ?? '').filter((each) => each.endsWith('.html'))) {
    try {
      const { signals, rejects } = read(readFileSync(join(folder ?? '', name)))
      told[name] = [signals.length, signals[0]?.type ?? '', ...rejects].join(' ')
      assert.ok(signals.every(({ author, facts }) => author !== undefined || facts?.['replies'] !== undefined), name)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      told[name] = error.message
    }
  }
  const expected: { [name: string]: string } = {
    'autopager_1.html': '20 post', 'autopager_2.html': '20 post', 'autopager_29.html': '31 thread', 'autopager_42.html': '2 post',
    'autopager_43.html': '30 thread', 'autopager_61.html': '23 thread', 'autopager_63.html': '25 thread', 'autopager_64.html': '5 post',
    'autopager_71.html': '33 thread', 'formasaurus_forum.xentax.com-0.html': '6 post',
    'formasaurus_forums.debian.net-0.html': '0  page: a list of boards, no posts',
    'formasaurus_forums.macrumors.com-1.html': 'page: a page that wants a login, no posts',
    'formasaurus_www.bikeforums.net-1.html': 'page: a page that wants proof of a human reader, no posts',
    'trafilatura_anglerboard.de-rute.html': '1 post',
    'trafilatura_wolfsrebellen-netz.forumieren.com.regeln.html': '3 post 1 of the page: put among the posts by the host, no post',
  }
  for (const [name, what] of Object.entries(expected)) if (name in told) assert.equal(told[name], what, name)
})

test('recorded pages: single posts, checked against the page by hand', { skip: folder === undefined ? 'needs the recorded pages of VANTA_SHARED' : false }, () => {
  const signals = (name: string): Signal[] => read(readFileSync(join(folder ?? '', name))).signals
  const xentax = signals('formasaurus_forum.xentax.com-0.html')
  assert.deepEqual(xentax.map(({ key, at, author }) => `${key} ${at.slice(0, 16)} ${author}`), [
    'forum:post/95352 2014-06-11T10:28 forum:iTzCorky', 'forum:post/95354 2014-06-11T11:07 forum:shakotay2', 'forum:post/95355 2014-06-11T11:31 forum:iTzCorky',
    'forum:post/95360 2014-06-11T14:18 forum:cra0', 'forum:post/95364 2014-06-11T16:59 forum:iTzCorky', 'forum:post/95454 2014-06-14T03:59 forum:iTzCorky',
  ])
  assert.equal((xentax[2]?.facts?.['quotes'] as { of: string }[])[0]?.of, 'shakotay2')
  const oneplus = signals('autopager_1.html')
  assert.equal(oneplus[0]?.key, 'forum:forums.oneplus.net/post/14001047')
  assert.equal(oneplus[0]?.at, '2016-03-08T05:13:49.000Z', 'the edit tells its second')
  assert.equal(oneplus[0]?.facts?.['stated_time'], 'Nov 14, 2015 at 4:23 AM')
  assert.equal(oneplus[0]?.facts?.['title'], 'Marsh [CM13]')
  assert.deepEqual(oneplus[2]?.facts?.['quotes'], [{ of: 'Reboot101', post: '14001052', text: 'Contentguard plz' }])
  assert.equal(oneplus[2]?.facts?.['text'], 'well you have quite the signature,\nsuggest away!')
  const [angler] = signals('trafilatura_anglerboard.de-rute.html')
  assert.deepEqual([angler?.key, angler?.at, angler?.author], ['forum:www.anglerboard.de/article/434', '2022-01-21T11:25:31.000Z', 'forum:www.anglerboard.de/Catch more fish'])
  const [threads] = signals('autopager_71.html')
  assert.deepEqual([threads?.key, threads?.author, threads?.facts?.['replies'], threads?.facts?.['views']],
    ['forum:forum.mindfactory.de/thread/78242', 'forum:forum.mindfactory.de/Witala', '2', '8.340'])
})

test('pages in any order, and more than once, give the same posts', () => {
  const ids = (order: readonly string[]): string[] => [...new Set(order.flatMap((html) => read(html, { heardMs: HEARD_MS }).signals.map(({ id }) => id)))].sort()
  fc.assert(fc.property(fc.shuffledSubarray(samples, { minLength: samples.length }), fc.subarray(samples), (order, again) => {
    assert.deepEqual(ids([...order, ...again]), ids(samples))
  }), { numRuns: 20 })
})

test('the next page of a list or a thread', () => {
  assert.deepEqual(readPage('<link rel="next" href="threads/x.5/page-2"><li class="next"><a href="#">x</a></li>').next, ['threads/x.5/page-2'])
})
