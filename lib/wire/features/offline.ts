/** A store of features: files of observations, and manifests that say which count. */
import { sha256Of } from '#record/sha256'
import type { Millis } from '#record'
import { Failure } from '#port/failure'
import type { Objects } from '#port/objects'
import {
  filesFor, manifestName, MANIFESTS, manifestShape, partName, toCompact, versionIn, type Manifest, type StoredFile, type Taken,
} from '#domain/features/manifest'
import { merged, monthOf, spanOf, taken, type Rows } from '#domain/features/rows'
import { decodePart, encodePart } from './part.ts'

/** Each attempt that fails is one in which another writer has taken the number. */
const ATTEMPTS = 100
const NOTHING = new Uint8Array()
const NONE: Manifest = { version: 0, files: [] }

export interface Compacted {
  readonly partitions: number
  readonly files: number
  readonly removed: number
}

export class OfflineStore {
  readonly #objects: Objects

  constructor(objects: Objects) {
    this.#objects = objects
  }

  get place(): string {
    return this.#objects.place
  }

  /** The latest; of version 0 where nothing was ever written. Throws Failure `data` where it cannot be read. */
  async manifest(): Promise<Manifest> {
    const listed = await this.#objects.list(MANIFESTS), versions = listed.flatMap(({ name }) => versionIn(name) ?? [])
    const version = versions.reduce((most, one) => Math.max(most, one), 0)
    if (version === 0) return NONE
    const name = manifestName(version), bytes = await this.#objects.read(name)
    const said = parsed(bytes?.toString('utf8') ?? ''), fault = manifestShape.fault(said)
    if (fault !== undefined) throw new Failure('data', `${this.place}/${name}: ${fault.path === '' ? '' : `${fault.path}: `}${fault.message}`)
    return said as Manifest
  }

  /** Make rows part of the store, by view, all of them or none; with how far a log has been taken in. */
  async add(views: ReadonlyMap<string, Rows>, from?: Taken): Promise<Manifest> {
    const files: StoredFile[] = []
    for (const [view, rows] of views) for (const [month, part] of byMonth(merged([rows]))) files.push(await this.#put(view, month, part))
    return this.#commit((manifest) => {
      const names = new Set(files.map(({ name }) => name))
      const others = manifest.taken?.filter(({ log }) => log !== from?.log)
      return {
        ...manifest, files: [...manifest.files.filter(({ name }) => !names.has(name)), ...files],
        ...(from !== undefined && { taken: [...(others ?? []), from] }),
      }
    })
  }

  /** What happened in a view in a span, by files in the order in which they were written. */
  async load(manifest: Manifest, view: string, columns: ReadonlySet<string>, fromMs: Millis, toMs: Millis): Promise<readonly Rows[]> {
    const parts: Rows[] = []
    for (const file of filesFor(manifest, view, fromMs, toMs)) parts.push(await this.#get(file, (column) => columns.has(column)))
    return parts
  }

  /**
   * One file for each view and month, without what is said twice; no answer changes. Files that no manifest names are removed once they have been
   * there for `graceMs`: before that somebody may be about to name them, or still be reading them.
   */
  async compact(nowMs: Millis, graceMs: Millis): Promise<Compacted> {
    let partitions = 0, files = 0
    for (const partition of toCompact(await this.manifest())) {
      const [first] = partition
      if (first === undefined) continue
      const parts: Rows[] = []
      for (const file of partition) parts.push(await this.#get(file, () => true))
      const whole = await this.#put(first.view, first.month, merged(parts)), names = new Set(partition.map(({ name }) => name))
      await this.#commit((manifest) => {
        // Someone else may have done it meanwhile.
        if (manifest.files.filter(({ name }) => names.has(name)).length < names.size) return undefined
        const at = manifest.files.findIndex(({ name }) => names.has(name)), kept = manifest.files.filter(({ name }) => !names.has(name))
        return { ...manifest, files: [...kept.slice(0, at), whole, ...kept.slice(at)] }
      })
      partitions++
      files += partition.length
    }
    const left = await this.#objects.tidy(nowMs - graceMs)
    return { partitions, files, removed: left + await this.#sweep(nowMs - graceMs) }
  }

  /** Files are removed, manifests emptied. */
  async #sweep(beforeMs: Millis): Promise<number> {
    const manifest = await this.manifest(), { version } = manifest
    const named = new Set([...manifest.files.map(({ name }) => name), ...(version === 0 ? [] : [manifestName(version)])])
    const there = await this.#objects.list(''), names = new Set(there.map(({ name }) => name)), missing = [...named].find((name) => !names.has(name))
    // Someone else may be removing files. Else, what seems to be named no more may be what is missing.
    if (missing !== undefined && (await this.manifest()).version !== version) return 0
    if (missing !== undefined) throw new Failure('data', `${this.place}/${missing}: the manifest names it, but it is not there: nothing was removed`)
    let removed = 0
    for (const { name, bytes, writtenMs } of there) {
      const isOurs = versionIn(name) !== undefined || /^[a-z0-9_]+\/month=\d{4}-\d\d\/[0-9a-f]{32}\.parquet$/.test(name)
      if (!isOurs || named.has(name) || writtenMs > beforeMs || bytes === 0) continue
      // A number that was once taken is never free again: whoever stood still between reading and writing would take it for the next, and be overlooked.
      if (versionIn(name) !== undefined) await this.#objects.write(name, NOTHING)
      else await this.#objects.remove(name)
      removed++
    }
    return removed
  }

  async #put(view: string, month: string, rows: Rows): Promise<StoredFile> {
    const bytes = encodePart(rows), sha256 = sha256Of(bytes), name = partName(view, month, sha256)
    await this.#objects.write(name, bytes)
    const [from_ms, to_ms] = spanOf(rows.eventMs), [known_from_ms, known_to_ms] = spanOf(rows.knownMs)
    return {
      name, view, month, rows: rows.length, bytes: bytes.length, sha256, from_ms, to_ms, known_from_ms, known_to_ms, columns: [...rows.values.keys()],
    }
  }

  async #get({ name, sha256 }: StoredFile, wanted: (column: string) => boolean): Promise<Rows> {
    const bytes = await this.#objects.read(name), place = `${this.place}/${name}`
    if (bytes === undefined) throw new Failure('data', `${place}: the manifest names it, but it is not there`)
    if (sha256Of(bytes) !== sha256) throw new Failure('data', `${place}: it is not what was written`)
    return decodePart(bytes, place, wanted)
  }

  async #commit(change: (manifest: Manifest) => Manifest | undefined): Promise<Manifest> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const manifest = await this.manifest(), changed = change(manifest)
      if (changed === undefined) return manifest
      const next: Manifest = { ...changed, version: manifest.version + 1 }
      if (await this.#objects.create(manifestName(next.version), Buffer.from(`${JSON.stringify(next)}\n`))) return next
    }
    throw new Failure('again', `${this.place}: others write to it without a break`)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function byMonth(rows: Rows): ReadonlyMap<string, Rows> {
  const places = new Map<string, number[]>()
  for (let row = 0; row < rows.length; row++) {
    const month = monthOf(rows.eventMs[row] ?? 0), of = places.get(month)
    if (of === undefined) places.set(month, [row])
    else of.push(row)
  }
  return new Map([...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([month, of]) => [month, taken(rows, of)]))
}
