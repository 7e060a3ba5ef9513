/**
 * Where forum software puts posts: one entry a layout, told by the classes and ids of its own templates. Boards restyle them, but keep
 * these names, because their scripts hang on them.
 */

/** Where one post's parts are; all but `post` and `outside` are looked for within the post. */
export interface PostLayout {
  readonly software: string
  readonly post: string
  /** The attribute that holds the post's number, and how; a group named `counts` tells what the number counts. */
  readonly id: readonly [attribute: string, pattern: RegExp]
  /** The element that has the attribute, where that is not the post itself. */
  readonly idAt?: string
  readonly body: string
  /** Several parts of a body carry the mark: it is what is around the first of them, up to a line that rules off the signature. */
  readonly around?: true
  readonly author: string
  /** An attribute of the post that names its author. */
  readonly authorAttribute?: string
  readonly time: string
  /** Parts that stand elsewhere on the page: the time in the element with an id, `{number}` being the post's, author and time of the only post. */
  readonly outside?: { readonly timeIn?: string; readonly author?: string; readonly time?: string }
  readonly edited?: string
  /** What a post looks like that was taken down. */
  readonly deleted?: string
  /** What the number counts, where it is not posts of the whole board. */
  readonly counts?: 'article' | 'within the thread'
}

/** The first that finds a post counts. */
export const POSTS: readonly PostLayout[] = [
  {
    software: 'XenForo 2', post: 'article.message[data-content^=post-]', id: ['data-content', /^post-(\d+)$/], body: '.message-body .bbWrapper',
    author: '.message-name', authorAttribute: 'data-author', time: '.message-attribution time', edited: '.message-lastEdit time',
    deleted: '.message--deleted',
  },
  {
    software: 'XenForo 2 articles', post: '.js-articleBody[data-lb-id^=article-]', id: ['data-lb-id', /^article-(\d+)$/],
    body: '.articleBody-main .bbWrapper', author: '.username', time: 'time', counts: 'article',
    outside: { author: '.p-description .username', time: '.p-description time' },
  },
  {
    software: 'XenForo 1', post: 'li.message[id^=post-]', id: ['id', /^post-(\d+)$/], body: '.messageText', author: '.username',
    authorAttribute: 'data-author', time: '.messageMeta .DateTime, .datePermalink .DateTime, .userText .DateTime', edited: '.editDate .DateTime',
    deleted: 'li.deleted',
  },
  {
    software: 'vBulletin 5', post: 'li.b-post[data-node-id]', id: ['data-node-id', /^(\d+)$/], body: '.js-post__content-text, [itemprop=text]',
    author: '.author [itemprop=name], .author a, .b-userinfo__username', time: 'time[datetime], .b-post__timestamp', edited: '.b-post__edit-note',
    deleted: '.b-post--deleted',
  },
  {
    software: 'vBulletin 4', post: 'li[id^=post_]', id: ['id', /^post_(\d+)$/], body: '.postcontent', author: '.username, .guest', time: '.postdate',
    edited: '.lastedited', deleted: 'li.postbitdeleted',
  },
  {
    software: 'vBulletin 3', post: 'table[id^=post]', id: ['id', /^post(\d+)$/], body: 'div[id^=post_message_]', author: '.bigusername',
    time: 'td.thead', edited: '.smallfont em',
  },
  {
    software: 'phpBB 3, Forumotion', post: 'div.post[id^=p]', id: ['id', /^p(\d+)$/], body: '.content, .post-entry, .entry-content',
    author: '.author strong, .author .username, .author a[class^=username]', time: '.author time, .author', edited: '.notice',
    deleted: 'div.deleted, div.post_deleted',
  },
  {
    software: 'Forumotion, phpBB 2', post: 'tr.post[id^=p]', id: ['id', /^p(\d+)$/], body: '.postbody', author: '.name strong, .name',
    time: '.postdetails',
  },
  {
    software: 'phpBB 3 subsilver2', post: 'table.tablebg', idAt: 'a[name^=p]', id: ['name', /^p(\d+)$/], body: '.postbody', author: '.postauthor',
    time: 'td.gensmall',
  },
  {
    software: 'phpBB 2', post: 'table.forumline tr', idAt: '.name a[name]', id: ['name', /^(\d+)$/], body: '.postbody',
    around: true, author: '.name b, .name', time: '.postdetails',
  },
  {
    software: 'SMF', post: 'div.post_wrapper', idAt: '.inner[id^=msg_]', id: ['id', /^msg_(\d+)$/], body: '.inner',
    author: '.poster h4 a, .poster h4', time: '.keyinfo .smalltext, .keyinfo .postinfo', edited: '.modified',
  },
  {
    software: 'MyBB', post: 'div[id^=post_], table[id^=post_]', id: ['id', /^post_(\d+)$/], body: '[id^=pid_]', author: '.largetext',
    time: '.post_date, .smalltext', edited: '.post_edit, .edited_post', deleted: '.deleted_post, .unapproved_post',
  },
  {
    software: 'Invision 4', post: 'article[id^=elComment_]', id: ['id', /^elComment_(\d+)$/], body: '[data-role=commentContent]',
    author: '.cAuthorPane_author, .ipsComment_author strong, .ipsEntry__username', time: 'time[datetime]', edited: '[data-role=editNote]',
    deleted: '.ipsModerated',
  },
  {
    software: 'Invision 3', post: '.post_block[id^=post_id_]', id: ['id', /^post_id_(\d+)$/], body: '.entry-content',
    author: '[itemprop*=creator] [itemprop=name], [itemprop*=creator], .author', time: 'abbr.published', edited: '.edit',
    deleted: '.post_block.moderated',
  },
  {
    software: 'Discourse', post: '.crawler-post[id^=post_], article[id^=post_]', id: ['id', /^post_(\d+)$/], body: '.post[itemprop], .cooked',
    author: '.creator [itemprop=name], .names .username', time: 'time[datetime], .post-time', counts: 'within the thread',
  },
  {
    software: 'Vanilla', id: ['id', /^(?<counts>Comment|Discussion)_(?<number>\d+)$/], body: '.Message, .userContent',
    post: '.ItemDiscussion[id^=Discussion_], .MessageList[id^=Discussion_], .ItemComment[id^=Comment_], .Comment[id^=Comment_]',
    author: '.Author .Username, .Username, .Author', time: 'time[datetime], .DateCreated', edited: '.DateUpdated time',
  },
  {
    software: 'FluxBB', post: 'div.blockpost[id^=p]', id: ['id', /^p(\d+)$/], body: '.postmsg', author: '.postleft dt', time: 'h2 a',
    edited: '.postedit',
  },
  {
    software: 'bbPress', post: 'div.reply[class*=post-], div.topic[class*=post-]', id: ['class', /(?:^|\s)post-(\d+)(?:\s|$)/],
    body: '.bbp-reply-content, .bbp-topic-content', author: '.bbp-author-name', time: '.bbp-reply-post-date, .bbp-topic-post-date',
    outside: { timeIn: 'post-{number}' },
  },
  {
    software: 'vichan', post: 'div.post.reply[id^=reply_], div.post.op[id^=op_]', id: ['id', /^(?:reply|op)_(\d+)$/], body: '.body',
    author: '.name', time: 'time[datetime]',
  },
]

/** Parts of a post's body that its author did not write there. */
export const NOT_WRITTEN = [
  '.signature', '.signature_div', '.quoteExpand', '.bbCodeBlock-expandLink', '.messageTextEndMarker', '.lastedited', '.editDate', '.post_edit',
  '.modified', '.bbp-reply-revision-log', '[id^=post_message_] .smallfont',
].join(', ')
