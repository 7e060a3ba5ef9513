import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import type { Standing, System } from '#port/system'
import { cannotRead, cannotWrite, codeOf, nodeDisk, temporaryName } from './disk.ts'

const PERMISSIONS = 0o777

/** This machine's, by Node.js. */
export const thisSystem: System = {
  get me() {
    const { username: name, uid: id } = userInfo()
    return { name, id }
  },
  stat(path) {
    const found = unlessAbsent(path, () => fs.lstatSync(path))
    if (found === undefined) return undefined
    const kind: Standing['kind'] = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : found.isSymbolicLink() ? 'link' : 'other'
    return { kind, mode: found.mode & PERMISSIONS, owner: found.uid, ...(kind === 'link' && { target: fs.readlinkSync(path) }) }
  },
  account: (name) => idOf('-u', name),
  list: (path) => unlessAbsent(path, () => fs.readdirSync(path).sort()) ?? [],
  read: (path) => unlessAbsent(path, () => fs.readFileSync(path)),
  makeFolder: (path, mode) => writing(path, () => {
    const first = fs.mkdirSync(path, { recursive: true, mode })
    // Whatever the umask says.
    if (first !== undefined) for (let made = path; made.length >= first.length; made = dirname(made)) fs.chmodSync(made, mode)
  }),
  write: (path, content, mode) => writing(path, () => {
    const temporary = temporaryName(path)
    putFile(temporary, content, mode)
    fs.renameSync(temporary, path)
    nodeDisk.syncFolder(dirname(path))
  }),
  put: (path, content, mode) => writing(path, () => putFile(path, content, mode)),
  settle: (path) => writing(path, () => settleBelow(path)),
  point: (path, target) => writing(path, () => {
    const temporary = temporaryName(path)
    fs.symlinkSync(target, temporary)
    fs.renameSync(temporary, path)
    nodeDisk.syncFolder(dirname(path))
  }),
  remove: (path) => writing(path, () => {
    fs.rmSync(path, { recursive: true, force: true })
    nodeDisk.syncFolder(dirname(path))
  }),
  permit: (path, mode, owner) => writing(path, () => {
    if (owner !== undefined) fs.chownSync(path, owner, idOf('-g', String(owner)) ?? owner)
    fs.chmodSync(path, mode)
  }),
  run(words) {
    const [program = '', ...rest] = words, { error, status } = spawnSync(program, rest, { stdio: ['ignore', 2, 2] })
    return error === undefined ? (status ?? 1) : undefined
  },
}

function unlessAbsent<T>(path: string, look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw cannotRead(path, error)
  }
}

function writing(path: string, act: () => void): void {
  try {
    act()
  } catch (error) {
    throw cannotWrite(path, error)
  }
}

/** Whatever the umask says. */
function putFile(path: string, content: Buffer, mode: number): void {
  const file = fs.openSync(path, 'wx', mode)
  try {
    fs.writeFileSync(file, content)
    fs.fchmodSync(file, mode)
    fs.fdatasyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

function settleBelow(path: string): void {
  for (const entry of fs.readdirSync(path, { withFileTypes: true })) if (entry.isDirectory()) settleBelow(join(path, entry.name))
  nodeDisk.syncFolder(path)
}

/** What was found; who is not there may be made. */
const known = new Map<string, number>()

/** By id(1), which asks whatever the machine knows its users by. */
function idOf(which: '-u' | '-g', name: string): number | undefined {
  const asked = `${which} ${name}`, found = known.get(asked)
  if (found !== undefined) return found
  const { status, stdout } = spawnSync('id', [which, '--', name], { encoding: 'utf8' })
  if (status !== 0) return undefined
  known.set(asked, Number(stdout))
  return Number(stdout)
}
