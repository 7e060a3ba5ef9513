/** Where lists of threads put each of them, and the marks of other pages of a forum. */

export interface ThreadLayout {
  readonly row: string
  /** The link to the thread, which is its title. */
  readonly title: string
  readonly id?: readonly [attribute: string, pattern: RegExp]
  readonly author?: string
  readonly authorAttribute?: string
  /** A selector, and which of its matches. */
  readonly replies?: readonly [selector: string, nth: number]
  readonly views?: readonly [selector: string, nth: number]
}

/** The first that finds a thread counts. */
export const THREADS: readonly ThreadLayout[] = [
  // XenForo 2 and 1
  {
    row: '.structItem--thread', title: '.structItem-title a[data-tp-primary], .structItem-title a[href*=threads/]',
    id: ['class', /js-threadListItem-(\d+)/], authorAttribute: 'data-author', replies: ['.structItem-cell--meta dd', 0],
    views: ['.structItem-cell--meta dd', 1],
  },
  {
    row: 'li.discussionListItem', title: '.title a.PreviewTooltip, .title a[href*=threads/]', id: ['id', /^thread-(\d+)$/],
    authorAttribute: 'data-author', replies: ['.stats dd', 0], views: ['.stats dd', 1],
  },
  // vBulletin 4 and 3
  {
    row: '.threadbit', title: 'a.title, .threadtitle a', id: ['id', /^thread_(\d+)$/], author: '.author .username', replies: ['.threadstats li', 0],
    views: ['.threadstats li', 1],
  },
  { row: 'td[id^=td_threadtitle_]', title: 'a[id^=thread_title_]', id: ['id', /^td_threadtitle_(\d+)$/], author: '.smallfont span' },
  // phpBB 3, then subsilver2 and phpBB 2
  {
    row: 'li.row', title: 'a.topictitle', author: '.topic-poster a, dt a[class^=username], dt a[href*=mem], dt a[href*=user]',
    replies: ['dd.posts', 0], views: ['dd.views', 0],
  },
  { row: 'tr', title: 'a.topictitle', author: '.topicauthor, .name a', replies: ['.topicdetails', 0], views: ['.topicdetails', 1] },
  // MyBB
  { row: 'tr.inline_row', title: '[id^=tid_] a, .subject_new a, .subject_old a', id: ['id', /^thread_(\d+)$/], author: '.author' },
  // SMF
  { row: 'td.subject, .windowbg', title: '[id^=msg_] a', author: '.floatleft a, p a' },
  // Invision 3 and 4
  { row: 'tr[id^=trow_]', title: 'a.topic_title', id: ['id', /^trow_(\d+)$/], author: '[itemprop=author]', views: ['.views', 0] },
  {
    row: '.ipsDataItem[data-rowid]', title: '.ipsDataItem_title a[href*=topic/]', id: ['data-rowid', /^(\d+)$/],
    author: '.ipsDataItem_meta a[href*=profile]', replies: ['.ipsDataItem_stats_number', 0], views: ['.ipsDataItem_stats_number', 1],
  },
  // Discourse
  { row: '.topic-list-item', title: 'a.title', replies: ['.posts', 0], views: ['.views', 0] },
  // Vanilla
  {
    row: 'li.Item', title: '.Title a[href*=/discussion/], a.Title', author: '.DiscussionAuthor a',
    replies: ['.CommentsBox .StatsNumber, .CommentCount .Number', 0], views: ['.ViewsBox .StatsNumber, .ViewCount .Number', 0],
  },
  // bbPress
  {
    row: 'ul[id^=bbp-topic-]', title: 'a.bbp-topic-permalink', id: ['id', /^bbp-topic-(\d+)$/], author: '.bbp-topic-started-by .bbp-author-name',
    replies: ['.bbp-topic-reply-count', 0],
  },
  // FluxBB
  { row: 'tr', title: '.tclcon a', author: '.byuser', replies: ['.tc2', 0], views: ['.tc3', 0] },
]

/** Lists of boards, which hold neither threads nor posts. */
export const BOARDS = [
  '.forumtitle', '.forumbit_post', '.forumbit_nopost', '.node--forum', 'li.node.forum', 'a.forumlink', '.bbp-forum-title', 'td.forum_name',
  '.board_icon', '.ipsDataItem_title a[href*=forum/]',
].join(', ')

/** Addresses of threads, by the number in them. */
export const THREAD_IDS: readonly RegExp[] = [
  /[?&](?:t|tid|topic|threadid|showtopic)=(\d+)/, /\/(?:threads|topics?)\/(?:[^/?#]*\.)?(\d+)(?:[-/?#]|$)/,
  /\/(?:topic|t|thread|discussion)[/-]?(\d+)(?:[-./?#]|$)/, /-t(\d+)(?:[-/]|\.html|$)/, /\/t\/[^/]+\/(\d+)/, /\/(\d+)-[^/]+\.html/,
  /viewtopic\.php\?id=(\d+)/,
]

/** Links to the page after this one. */
export const NEXT = [
  'link[rel=next]', 'a[rel=next]', 'a.next', 'li.next a', '.arrow.next a', 'a.pageNav-jump--next', 'a.pagination_next', '.pagination .next a',
  '.right-box.right', 'a.Next',
].join(', ')

/** The title of a thread or list on its own page, the surest first. */
export const TITLES: readonly string[] = [
  'h1.p-title-value', 'h1 .threadtitle', '[id=pagetitle] .threadtitle', '.topic-title', 'a.titles', '.titleBar .title', '.titleBar h1',
  '.ipsType_pageTitle', '.PageTitle h1', 'h1.entry-title', '[id=page-body] h2',
]

export const CAPTCHA = [
  '.g-recaptcha', '.h-captcha', '.cf-turnstile', '[class*=captcha]', '[id*=captcha]', 'img[src*=captcha]', 'input[name*=captcha]',
  '[id=challenge-form]',
].join(', ')
export const CHALLENGE = /^(?:just a moment|ddos[- ]?guard|attention required|checking your browser|are you human)/i
