/** Bytes from outside, as lines handed on one by one. */
import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Failure } from '#port/failure'
import { LineSplitter, type Line } from './lines.ts'

export interface Reading {
  /** Take one line; a promise where it must be waited for. */
  hand(line: Line): void | Promise<void>
  /** After each chunk: a promise where the reader should wait. */
  pause(): void | Promise<void>
  /** Read no further. */
  stopped(): boolean
}

/**
 * Every line of a stream, or of a file (`.gz` is unpacked on the way). Throws Failure `usage` where there is no such file, `data`
 * where reading fails. It listens to the stream, because awaiting each chunk costs as much as splitting it into lines.
 */
export async function eachLine(source: Readable | string, maxBytes: number, reading: Reading): Promise<void> {
  const splitter = new LineSplitter(maxBytes)
  await eachChunk(typeof source === 'string' ? opened(source) : source, reading, (chunk) => handAll(splitter.push(chunk), reading))
    .catch((error: unknown) => {
      if (error instanceof Unreadable) throw failureOf(typeof source === 'string' ? source : 'stdin', error.cause)
      throw error
    })
  if (!reading.stopped()) await handAll(splitter.end(), reading)
}

function opened(file: string): Readable {
  const raw = createReadStream(file, { highWaterMark: 256 * 1024 })
  return file.endsWith('.gz') ? pipeline(raw, createGunzip(), () => undefined) : raw
}

/** Straight through, as long as nobody has to be waited for. */
function handAll(lines: readonly Line[], reading: Reading, from = 0): void | Promise<void> {
  for (let i = from; i < lines.length; i++) {
    const line = lines[i]
    const busy = line === undefined ? undefined : reading.hand(line)
    if (busy !== undefined) return busy.then(() => handAll(lines, reading, i + 1))
  }
  return reading.pause()
}

class Unreadable extends Error {}

/** Resolves when the stream has ended, or was stopped, and all of it has been taken. */
function eachChunk(bytes: Readable, { stopped }: Reading, take: (chunk: Buffer) => void | Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let busy: Promise<void> | undefined
    const fail = (error: unknown): void => {
      reject(error)
      bytes.destroy()
    }
    const goOn = (): void => {
      busy = undefined
      if (stopped()) bytes.destroy()
      else bytes.resume()
    }
    bytes.on('data', (chunk: Buffer) => {
      try {
        busy = take(chunk) ?? undefined
      } catch (error) {
        return fail(error)
      }
      if (busy !== undefined) {
        bytes.pause()
        busy.then(goOn, fail)
      } else if (stopped()) bytes.destroy()
    })
    bytes.once('error', (error) => (stopped() ? resolve() : reject(new Unreadable(error.message, { cause: error }))))
    // A stream may end while its last chunk is still being taken.
    const done = (): void => void (busy ?? Promise.resolve()).then(resolve, reject)
    bytes.once('end', done)
    bytes.once('close', done)
  })
}

function failureOf(place: string, error: unknown): Failure {
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  return new Failure(missing ? 'usage' : 'data', `${place}: ${error instanceof Error ? error.message : String(error)}`, error)
}
