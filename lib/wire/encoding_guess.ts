/**
 * The encoding of text that is no UTF-8 and says nothing of itself. Only what can be told by the look of the bytes is told apart:
 * in Western text the characters beyond ASCII stand singly among others, in Cyrillic, Greek and Hebrew they make whole words.
 */

interface Script {
  readonly encoding: string
  /** Letters of running text: lower case where there is one. */
  readonly common: RegExp
}

/**
 * Whole words beyond ASCII: Hebrew, Cyrillic in its two old codes (which swap the cases of one another's letters), Greek. Hebrew
 * letters are Russian ones in another code, but Russian has some that no Hebrew text has: so Hebrew is asked first.
 */
const SCRIPTS: readonly Script[] = [
  { encoding: 'windows-1255', common: /[א-ת]/gu },
  { encoding: 'windows-1251', common: /[а-яёіїєґ]/gu },
  { encoding: 'koi8-r', common: /[а-яё]/gu },
  { encoding: 'windows-1253', common: /[α-ωάέήίόύώ]/gu },
]

/** Codes of two bytes a character are strict about which: what is valid in one over any length is hardly of another. */
const PAIRED: readonly Script[] = [
  { encoding: 'shift_jis', common: /[\u3040-\u30ff]/gu },
  { encoding: 'euc-jp', common: /[\u3040-\u30ff]/gu },
  { encoding: 'euc-kr', common: /[\uac00-\ud7a3]/gu },
]

const SAMPLE = 64 * 1024
/** Share of the bytes beyond ASCII that must stand in runs of three and more before they are taken for words. */
const MOSTLY = 0.5
/** Share of the characters beyond ASCII that must be letters of running text. */
const FITTING = 0.6

/** `windows-1252` where the bytes look Western, or like nothing that is known here. */
export function guessEncoding(bytes: Buffer): string {
  const sample = bytes.subarray(0, SAMPLE)
  const all = sample.toString('latin1')
  const beyond = all.match(/[\x80-\xff]/g)?.length ?? 0
  const inWords = (all.match(/[\x80-\xff]{3,}/g) ?? []).reduce((sum, run) => sum + run.length, 0)
  if (beyond === 0 || inWords < MOSTLY * beyond) return 'windows-1252'
  let best = { encoding: 'windows-1252', share: FITTING }
  for (const script of [...SCRIPTS, ...PAIRED]) {
    const share = shareOf(sample, script)
    if (share > best.share) best = { encoding: script.encoding, share }
  }
  return best.encoding
}

/** Of the characters beyond ASCII; 0 where some bytes have no meaning. */
function shareOf(sample: Buffer, { encoding, common }: Script): number {
  // The last character of a sample may be cut in two.
  const text = new TextDecoder(encoding).decode(sample).replace(/\ufffd$/, '')
  const beyond = text.match(/[^\0-\x7f]/gu)
  if (beyond === null || text.includes('\ufffd')) return 0
  return (text.match(common)?.length ?? 0) / beyond.length
}
