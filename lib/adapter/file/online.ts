/**
 * Features served from one file of a folder, which is replaced whole: a line about all of it, then a line of JSON an entity. It is read once, when it is
 * first asked; from then on an answer is a look-up in memory.
 */
import { readAbout } from '#domain/features/tail'
import { Failure } from '#port/failure'
import type { Objects } from '#port/objects'
import type { Online, OnlineAbout } from '#port/online'

const FILE = 'online.ndjson'

interface Served {
  readonly about: OnlineAbout
  readonly lines: ReadonlyMap<string, string>
}

export function objectOnline(objects: Objects): Online {
  const place = `${objects.place}/${FILE}`
  let served: Promise<Served | undefined> | undefined
  const load = async (): Promise<Served | undefined> => {
    const bytes = await objects.read(FILE)
    return bytes === undefined ? undefined : servedBy(bytes.toString('utf8'), place)
  }
  const read = (): Promise<Served | undefined> => (served ??= load())
  return {
    place,
    about: async () => (await read())?.about,
    read: async (entity) => (await read())?.lines.get(entity),
    async replace(about, lines) {
      const parts = [Buffer.from(`${JSON.stringify(about)}\n`)]
      for (const [, line] of lines) parts.push(Buffer.from(`${line}\n`))
      await objects.write(FILE, Buffer.concat(parts))
      served = undefined
    },
    entities: async () => [...((await read())?.lines.keys() ?? [])].sort(),
    close: () => undefined,
  }
}

/** `{"entity":"ticker:GME",...`: the entity comes first, so that a line need not be parsed to know whose it is. */
const ENTITY = /^\{"entity":("(?:[^"\\]|\\.)*")/

function servedBy(text: string, place: string): Served {
  const [first = '', ...rest] = text.split('\n'), about = aboutOf(first, `${place}:1`), lines = new Map<string, string>()
  for (const [nth, line] of rest.entries()) {
    if (line === '') continue
    const entity = ENTITY.exec(line)?.[1]
    if (entity === undefined) throw new Failure('data', `${place}:${nth + 2}: no line of an entity`)
    lines.set(JSON.parse(entity) as string, line)
  }
  if (lines.size !== about.entities) throw new Failure('data', `${place}: ${about.entities} entities were written, ${lines.size} are there`)
  return { about, lines }
}

function aboutOf(line: string, place: string): OnlineAbout {
  try {
    return readAbout(line)
  } catch (error) {
    throw error instanceof RangeError ? new Failure('data', `${place}: nothing of what is served: ${error.message}`, error) : error
  }
}
