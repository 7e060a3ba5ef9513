/** Which language a text is in: by its script where that tells, else by the small words that no text does without. */

const WORDS: Readonly<Record<string, string>> = {
  en: 'the and is to of for this that with you it on are was be have not my they what will just but your at from all has',
  es: 'el los las que una por para con está pero más como esta muy este hay ser son del al lo su ya nos fue también',
  pt: 'que uma não para com mais os como mas foi ele tem dos são você isso muito pelo pela ao já também das seu sua está',
  fr: 'le les des est une pour dans que pas sur avec plus ce qui il au sont vous nous je ne mais cette aux ses été très',
  de: 'der die das und ist nicht ein eine mit auf für von den dem zu im auch sich wird aber ich wir bei nach aus noch',
  it: 'il che di è per una con non del della più sono gli ma anche come questo nel alla dal ha lo ci si le dei',
  nl: 'de het een en van ik niet dat op te zijn voor met aan maar om ook dit naar wordt bij deze nog dan wel geen',
}
const INDEX = new Map<string, string[]>()
for (const [language, words] of Object.entries(WORDS)) for (const word of words.split(' ')) INDEX.set(word, [...INDEX.get(word) ?? [], language])

/** First and last letter of scripts that one language, or one group of them, is written in. */
const SCRIPTS: readonly (readonly [number, number, string])[] = [
  [0x0370, 0x03ff, 'el'], [0x0400, 0x04ff, 'ru'], [0x0590, 0x05ff, 'he'], [0x0600, 0x06ff, 'ar'], [0x0900, 0x097f, 'hi'], [0x0e00, 0x0e7f, 'th'],
  [0x3040, 0x30ff, 'ja'], [0x4e00, 0x9fff, 'zh'], [0xac00, 0xd7af, 'ko'],
]
/** Longer texts are told by their beginning. */
const MOST = 600
/** Of another script's letters so many, for each letter of all, make it that language's. */
const SHARE = 0.3
/** One small word is chance; and the first language must have more of them than the second. */
const LEAST = 2
const LETTERS = /[a-zà-öø-ÿ]+/g

/** ISO 639-1; undefined where too little tells. Cyrillic counts as Russian, Arabic script as Arabic. */
export function languageOf(text: string): string | undefined {
  const start = text.slice(0, MOST)
  return byScript(start) ?? byWords(start.toLowerCase())
}

function byScript(text: string): string | undefined {
  let letters = 0
  const counts = new Map<string, number>()
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x0370) {
      if ((code | 32) >= 97 && (code | 32) <= 122) letters++
      continue
    }
    const script = SCRIPTS.find(([from, to]) => code >= from && code <= to)?.[2]
    if (script === undefined) continue
    letters++
    counts.set(script, (counts.get(script) ?? 0) + 1)
  }
  // Kana stand among Han letters in Japanese, never in Chinese.
  if ((counts.get('ja') ?? 0) > 0) counts.set('ja', (counts.get('ja') ?? 0) + (counts.get('zh') ?? 0))
  let best: string | undefined
  for (const [script, count] of counts) if (count > SHARE * letters && count > (best === undefined ? 0 : counts.get(best) ?? 0)) best = script
  return best
}

function byWords(lower: string): string | undefined {
  const counts = new Map<string, number>()
  for (const [word] of lower.matchAll(LETTERS)) for (const language of INDEX.get(word) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1)
  const [first, second] = [...counts].sort(([, a], [, b]) => b - a)
  return first !== undefined && first[1] >= LEAST && first[1] > (second?.[1] ?? 0) ? first[0] : undefined
}
