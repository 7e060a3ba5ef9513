import fs from 'node:fs'
import { dirname, join } from 'node:path'
import type { Entry, Machine } from '#port/machine'
import { cannotRead, codeOf } from './disk.ts'
import { thisSystem } from './system.ts'

const PERMISSIONS = 0o777

/** This machine, by Node.js. */
export const thisMachine: Machine = {
  system: thisSystem,
  entries(folder) {
    let names: readonly string[]
    try {
      names = fs.readdirSync(folder).sort()
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      throw cannotRead(folder, error)
    }
    return names.flatMap((name) => entryOf(folder, name) ?? [])
  },
  space(folder) {
    let nearest = folder
    while (!fs.existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest)
    const { bsize, blocks, bavail, files, ffree } = fs.statfsSync(nearest)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeInodes: ffree, totalInodes: files }
  },
  holders: holdersOf,
  node: process.versions.node,
  platform: `${process.platform} ${process.arch}`,
  // Asked when they are wanted: the tables behind them take a millisecond to load.
  get timeZone() {
    return new Intl.DateTimeFormat().resolvedOptions().timeZone
  },
  get locale() {
    return new Intl.DateTimeFormat().resolvedOptions().locale
  },
  user: process.getuid?.(),
  get uptimeMs() {
    return Math.round(process.uptime() * 1000)
  },
  get memoryBytes() {
    return process.memoryUsage.rss()
  },
}

const PROCESSES = '/proc'

/** By the links of proc(5), which tell where a file stands now, whatever it was opened as. */
function holdersOf(path: string): readonly number[] | undefined {
  let file: string, names: readonly string[]
  try {
    file = fs.realpathSync(path)
    names = fs.readdirSync(PROCESSES)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw cannotRead(path, error)
    return fs.existsSync(path) ? undefined : []
  }
  const numbers = names.filter((name) => /^\d+$/.test(name))
  return numbers.length === 0 ? undefined : numbers.filter((name) => linksOf(join(PROCESSES, name, 'fd')).includes(file)).map(Number)
}

/** Empty for processes of others, and for one that has ended meanwhile. */
function linksOf(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder).flatMap((name) => {
      try {
        return [fs.readlinkSync(join(folder, name))]
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}

/** Undefined where it has gone since the folder was read. */
function entryOf(folder: string, name: string): Entry | undefined {
  try {
    const stat = fs.lstatSync(join(folder, name))
    const kind = stat.isFile() ? 'file' : stat.isDirectory() ? 'folder' : 'other'
    return { name, kind, bytes: stat.size, mode: stat.mode & PERMISSIONS, owner: stat.uid, modifiedMs: Math.round(stat.mtimeMs) }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw cannotRead(join(folder, name), error)
  }
}
