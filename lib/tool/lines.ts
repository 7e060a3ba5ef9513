import { isUtf8 } from 'node:buffer'

/** One line of input: its text, or what is wrong with its bytes. `number` counts from 1. */
export interface Line {
  readonly number: number
  readonly text: string
  readonly fault?: string
}

const NEWLINE = 10

/**
 * Bytes in, lines out. A whole chunk is decoded at once and split as a string; only a chunk that is not UTF-8 is taken apart
 * line by line. A line longer than `maxBytes` comes as a fault, its beginning kept, its rest skipped: memory stays bounded.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #tail: Buffer[] = []
  #tailBytes = 0
  #skipping = false
  #number = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Lines completed by this chunk. */
  push(chunk: Buffer): Line[] {
    const last = chunk.lastIndexOf(NEWLINE)
    if (last === -1) return this.#hold(chunk)
    const lines: Line[] = []
    let from = 0
    if (this.#tailBytes > 0 || this.#skipping) {
      from = chunk.indexOf(NEWLINE) + 1
      lines.push(...this.#hold(chunk.subarray(0, from - 1)), ...this.#complete())
    }
    if (from <= last) this.#split(chunk.subarray(from, last), lines)
    lines.push(...this.#hold(chunk.subarray(last + 1)))
    return lines
  }

  /** The last line, where the input ended without a newline. */
  end(): Line[] {
    return this.#tailBytes > 0 || this.#skipping ? this.#complete() : []
  }

  /** Keep the start of a line until its end comes. */
  #hold(part: Buffer): Line[] {
    if (this.#skipping || part.length === 0) return []
    this.#tail.push(part)
    this.#tailBytes += part.length
    if (this.#tailBytes <= this.#maxBytes) return []
    const text = Buffer.concat(this.#tail).subarray(0, 200).toString('utf8')
    this.#tail = []
    this.#tailBytes = 0
    this.#skipping = true
    return [{ number: this.#number + 1, text, fault: `longer than ${this.#maxBytes} bytes` }]
  }

  #complete(): Line[] {
    if (this.#skipping) {
      this.#skipping = false
      this.#number++
      return []
    }
    const lines: Line[] = []
    this.#split(this.#tail.length === 1 ? (this.#tail[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#tail), lines)
    this.#tail = []
    this.#tailBytes = 0
    return lines
  }

  #split(block: Buffer, lines: Line[]): void {
    if (!isUtf8(block)) return this.#splitBytes(block, lines)
    for (const text of block.toString('utf8').split('\n')) this.#take(text, block.length, lines)
  }

  /** Find the lines that are not UTF-8. */
  #splitBytes(block: Buffer, lines: Line[]): void {
    for (let from = 0; from <= block.length; ) {
      const end = block.indexOf(NEWLINE, from)
      const bytes = block.subarray(from, end === -1 ? block.length : end)
      if (isUtf8(bytes)) this.#take(bytes.toString('utf8'), bytes.length, lines)
      else lines.push({ number: ++this.#number, text: bytes.toString('latin1'), fault: 'not UTF-8 (kept as Latin-1)' })
      from = end === -1 ? block.length + 1 : end + 1
    }
  }

  #take(text: string, blockBytes: number, lines: Line[]): void {
    const number = ++this.#number
    const line = number === 1 && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
    const bare = line.charCodeAt(line.length - 1) === 13 ? line.slice(0, -1) : line
    if (blockBytes > this.#maxBytes && Buffer.byteLength(bare) > this.#maxBytes) {
      lines.push({ number, text: bare.slice(0, 200), fault: `longer than ${this.#maxBytes} bytes` })
    } else if (bare !== '') lines.push({ number, text: bare })
  }
}
