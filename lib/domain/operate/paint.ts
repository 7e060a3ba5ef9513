/** Colours of a terminal (ECMA-48, Select Graphic Rendition). Text is laid out first and painted then: what is painted has no width. */

const CODES = { good: '32', bad: '1;31', doubtful: '33', head: '1' } as const

export type Paint = (style: keyof typeof CODES, text: string) => string

export const paintWith = (colours: boolean): Paint => (style, text) => (colours && text !== '' ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text)
