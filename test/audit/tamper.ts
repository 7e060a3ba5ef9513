/**
 * Someone changes a log behind its back, at a random place, and everything that should notice is asked. Three kinds of someone: who can reach
 * one file; who rewrites lines, leaves and checkpoint so that they agree, but has not the key; and who owns the key.
 */
import assert from 'node:assert/strict'
import { memoryLogs, type MemoryLogs } from '#adapter/memory/logs'
import { verifyChain } from '#domain/audit/chain'
import { formatCheckpoint, originOf, parseSigned, type SignedCheckpoint } from '#domain/audit/checkpoint'
import { CHECKPOINT, LEAVES, LINES } from '#domain/audit/files'
import { Frontier, leafHash } from '#domain/audit/merkle'
import { judge, noQuorum } from '#domain/audit/policy'
import { formatProof, parseProof, proves } from '#domain/audit/proof'
import { placeOf, proveEntry, PUBLISHED, publishedOf, publishedRanges } from '#domain/audit/published'
import { weigh } from '#domain/audit/witness'
import type { Random } from '#port/random'
import { lineOf } from '#record'
import { seededRandom } from '#tool/random'
import { appendRecords, recordOf } from '../domain/audit/fixture.ts'
import { nodeNamed, originIn, publishBy, sound } from './signed_world.ts'

const node = nodeNamed('alpha.example')

/** A log that was signed twice, and what others keep of it: the last checkpoint. */
interface Original {
  readonly files: ReadonlyMap<string, Buffer>
  readonly earlier: ReadonlyMap<string, Buffer>
  readonly lines: readonly string[]
  readonly kept: SignedCheckpoint
  readonly place: string
}

function original(first: number, more: number, unsigned: number): Original {
  const logs = memoryLogs()
  appendRecords(logs, 0, first)
  publishBy(node, logs)
  const earlier = copyOf(logs.files)
  appendRecords(logs, first, first + more)
  const kept = publishBy(node, logs)
  appendRecords(logs, first + more, first + more + unsigned)
  return { files: copyOf(logs.files), earlier, lines: linesIn(logs.files), kept, place: placeOf(kept.origin) }
}

const copyOf = (files: ReadonlyMap<string, Buffer>): Map<string, Buffer> => new Map([...files].map(([name, content]) => [name, Buffer.from(content)]))
const linesIn = (files: ReadonlyMap<string, Buffer>): string[] => (files.get(LINES)?.toString('latin1') ?? '').split('\n').slice(0, -1)
const textOf = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1')

/** Lines, leaves and checkpoint that agree with one another. */
function rewrite(files: Map<string, Buffer>, lines: readonly string[]): void {
  const leaves = lines.map((line) => leafHash(Buffer.from(line, 'latin1'))), tree = new Frontier()
  for (const leaf of leaves) tree.append(leaf)
  files.set(LINES, textOf(lines))
  files.set(LEAVES, Buffer.from(leaves.join(''), 'latin1'))
  files.set(CHECKPOINT, Buffer.from(formatCheckpoint({ origin: originOf(leaves[0] ?? ''), size: lines.length, root: tree.root() })))
}

/** What a trial found. */
export interface Trial {
  readonly kind: string
  /** `vanta-audit verify`, or whoever kept a checkpoint: a user with `--since`, a witness. */
  readonly by: 'verify' | 'kept checkpoint' | 'nobody'
  /** What was changed is named: the line, the entry, the file. */
  readonly isNamed: boolean
  readonly verdict: string
}

/** Edits the lines before `end`; the first one stays, it gives the log its name. */
type Edit = (lines: string[], end: number, chance: Random) => void
const at = (chance: Random, below: number): number => chance.integer(Math.max(1, below))
const stranger = (chance: Random): string => lineOf(recordOf(1_000_000 + chance.integer(1_000_000)))

const EDITS: Readonly<Record<string, Edit>> = {
  'delete': (lines, end, chance) => void lines.splice(1 + at(chance, end - 1), 1),
  'insert': (lines, end, chance) => void lines.splice(1 + at(chance, end - 1), 0, stranger(chance)),
  'replace': (lines, end, chance) => void lines.splice(1 + at(chance, end - 1), 1, stranger(chance)),
  'reorder': (lines, end, chance) => {
    const [line = ''] = lines.splice(1 + at(chance, end - 1), 1)
    lines.splice(1 + at(chance, end - 1), 0, line)
  },
  'truncate': (lines, end, chance) => void lines.splice(1 + at(chance, end - 1)),
}

function flipIn(files: Map<string, Buffer>, name: string, chance: Random): number {
  const content = Buffer.from(files.get(name) ?? ''), place = at(chance, content.length)
  content.writeUInt8((content[place] ?? 0) ^ (1 << chance.integer(8)), place)
  files.set(name, content)
  return place
}

function cutIn(files: Map<string, Buffer>, name: string, chance: Random): void {
  const content = files.get(name) ?? Buffer.alloc(0)
  files.set(name, content.subarray(0, at(chance, content.length)))
}

const tileNames = ({ files }: Original): string[] => [...files.keys()].filter((name) => name.includes('/tile/'))

/** Changes the files; returns what the verdict must say to have named the place, where that can be said at all. */
type Attack = (files: Map<string, Buffer>, original: Original, other: Original, chance: Random) => RegExp | undefined

const lineAttack = (edit: Edit, keepsRest: boolean): Attack => (files, { lines, kept }, _other, chance) => {
  const changed = [...lines]
  // A line put back where it was changes nothing. What was never signed, whoever can rewrite all files can rewrite unseen.
  while (changed.length === lines.length && changed.every((line, i) => line === lines[i])) {
    edit(changed, keepsRest ? lines.length : kept.size, chance)
  }
  if (keepsRest) files.set(LINES, textOf(changed))
  else rewrite(files, changed)
  if (!keepsRest) return /the log's first \d+ lines are not those|lines, the log has \d+/
  const first = lines.findIndex((line, i) => line !== changed[i]), line = (first < 0 ? lines.length : first) + 1
  return new RegExp(`line ${line}\\b|after line ${line - 1}\\b|follow line ${line - 1}\\b`)
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  'flip a bit of the lines': (files, { lines }, _other, chance) => {
    let offset = flipIn(files, LINES, chance), line = 0
    while (offset > (lines[line]?.length ?? Infinity)) offset -= (lines[line++]?.length ?? 0) + 1
    return new RegExp(`line ${line + 1}\\b`)
  },
  'flip a bit of the leaves': (files, _original, _other, chance) => new RegExp(`${LEAVES} was changed at entry ${Math.floor(flipIn(files, LEAVES, chance) / 32) + 1} `),
  'flip a bit of the checkpoint': (files, _original, _other, chance) => (flipIn(files, CHECKPOINT, chance), new RegExp(`${CHECKPOINT} was changed|${CHECKPOINT}$`)),
  'flip a bit of a tile': (files, original, _other, chance) => {
    const names = tileNames(original), name = names[chance.integer(names.length)] ?? ''
    return new RegExp(`^${name} was changed at hash ${Math.floor(flipIn(files, name, chance) / 32)}$`)
  },
  'flip a bit of the signed checkpoint': (files, { place }, _other, chance) => (flipIn(files, `${place}/${PUBLISHED}`, chance), new RegExp(`${place}/${PUBLISHED}`)),
  'cut the lines': (files, _original, _other, chance) => (cutIn(files, LINES, chance), new RegExp(`^${LINES} (ends|is cut off|is missing)`)),
  'cut the leaves': (files, _original, _other, chance) => (cutIn(files, LEAVES, chance), new RegExp(`^${LEAVES} (ends|is missing)`)),
  'cut a tile': (files, original, _other, chance) => {
    const names = tileNames(original), name = names[chance.integer(names.length)] ?? ''
    cutIn(files, name, chance)
    return new RegExp(`^${name} was changed`)
  },
  'swap the checkpoint for an older one': (files, { earlier }) => (files.set(CHECKPOINT, earlier.get(CHECKPOINT) ?? Buffer.alloc(0)), /where the checkpoint ends|more follows entry|the log has \d+/),
  'swap the checkpoint for another log\'s': (files, _original, other) => (files.set(CHECKPOINT, other.files.get(CHECKPOINT) ?? Buffer.alloc(0)), new RegExp(CHECKPOINT)),
  'swap the signed checkpoint for another log\'s': (files, { place }, other) => (files.set(`${place}/${PUBLISHED}`, other.files.get(`${other.place}/${PUBLISHED}`) ?? Buffer.alloc(0)), new RegExp(`${place}/${PUBLISHED}`)),
  // A signed checkpoint that was good once is good for ever: only who saw a later one can tell.
  'swap the signed checkpoint for an older one': (files, { place, earlier }) => (files.set(`${place}/${PUBLISHED}`, earlier.get(`${place}/${PUBLISHED}`) ?? Buffer.alloc(0)), /were cosigned before/),
  'roll everything back': (files, { earlier }) => {
    files.clear()
    for (const [name, content] of copyOf(earlier)) files.set(name, content)
    return /says \d+ lines, the log has \d+/
  },
  ...Object.fromEntries(Object.entries(EDITS).map(([name, edit]) => [`${name} a line`, lineAttack(edit, true)])),
  ...Object.fromEntries(Object.entries(EDITS).map(([name, edit]) => [`fork without the key: ${name}`, lineAttack(edit, false)])),
  ...Object.fromEntries(Object.entries(EDITS).map(([name, edit]): [string, Attack] => [`fork with the key: ${name}`, (files, original, other, chance) => {
    lineAttack(edit, false)(files, original, other, chance)
    for (const file of [...files.keys()]) if (file.startsWith('tlog/')) files.delete(file)
    publishBy(node, logsOf(files))
    return /the log's first \d+ lines are not those of cp|says \d+ lines, the log has \d+/
  }])),
}

function logsOf(files: Map<string, Buffer>): MemoryLogs {
  const logs = memoryLogs()
  for (const [name, content] of files) logs.files.set(name, content)
  // What is published goes into the files of the trial.
  return { ...logs, replace: (name, content) => (files.set(name, Buffer.from(content)), logs.replace(name, content)) }
}

const keys = (origin: string) => [node.logKey(origin)]

function judgeLog(files: Map<string, Buffer>, { kept, place }: Original): Pick<Trial, 'by' | 'verdict'> {
  const logs = logsOf(files)
  const own = verifyChain(logs, { keys, anchors: [] })
  if (typeof own === 'string') return { by: 'verify', verdict: own }
  const since = verifyChain(logs, { keys, anchors: [{ ...kept, name: 'cp' }] })
  if (typeof since === 'string') return { by: 'kept checkpoint', verdict: since }
  const content = files.get(`${place}/${PUBLISHED}`), offered = content === undefined ? 'nothing is published' : parseSigned(content)
  if (typeof offered === 'string') return { by: 'kept checkpoint', verdict: offered }
  const weighed = weigh(offered, kept, keys(kept.origin), { ranges: publishedRanges(logs, offered) })
  return 'cosign' in weighed ? { by: 'nobody', verdict: 'cosigned' } : { by: 'kept checkpoint', verdict: 'refused' in weighed ? weighed.refused : weighed.unproved }
}

/** A proof that was changed anywhere proves nothing. */
function proofTrial({ files, kept, lines }: Original, chance: Random): Trial {
  const index = at(chance, kept.size), entry = Buffer.from(lines[index] ?? '', 'latin1')
  const whole = Buffer.from(formatProof(sound(proveEntry(logsOf(copyOf(files)), kept, index, entry)))), changed = copyOf(new Map([['p', whole]]))
  flipIn(changed, 'p', chance)
  const proof = parseProof(changed.get('p') ?? ''), policy = { logs: keys(kept.origin), witnesses: new Map(), quorum: noQuorum }
  const holds = typeof proof !== 'string' && proof.entry !== undefined && proves(proof, proof.entry) && judge(proof.checkpoint, policy).accepted
  return { kind: 'flip a bit of a proof', by: holds ? 'nobody' : 'verify', isNamed: !holds, verdict: typeof proof === 'string' ? proof : 'it does not lead to the root, or is not signed' }
}

const pool: readonly [Original, ...Original[]] = [original(40, 30, 0), original(1, 2, 0), original(255, 2, 9), original(300, 300, 20), original(10, 5, 3)]
const another = (() => {
  const logs = memoryLogs()
  appendRecords(logs, 5000, 5050)
  const kept = publishBy(node, logs)
  return { files: copyOf(logs.files), earlier: new Map(), lines: linesIn(logs.files), kept, place: placeOf(kept.origin) }
})()

const kinds = [...Object.keys(ATTACKS), 'flip a bit of a proof']

/** Trial `seed`: the kinds take turns, everything else is by chance. */
export function tamper(seed: number): Trial {
  const chance = seededRandom(String(seed), 'tamper'), kind = kinds[seed % kinds.length] ?? ''
  const chosen = pool[chance.integer(pool.length)] ?? pool[0]
  const attack = ATTACKS[kind]
  if (attack === undefined) return proofTrial(chosen, chance)
  for (;;) {
    const files = copyOf(chosen.files), named = attack(files, chosen, another, chance)
    if (isSame(files, chosen.files)) continue
    const { by, verdict } = judgeLog(files, chosen)
    return { kind, by, verdict, isNamed: named === undefined || named.test(verdict) }
  }
}

const isSame = (one: ReadonlyMap<string, Buffer>, other: ReadonlyMap<string, Buffer>): boolean =>
  one.size === other.size && [...one].every(([name, content]) => other.get(name)?.equals(content))

/** What was not changed is found intact, and cosigned: an alarm that always rings says nothing. */
export function checkUntouched(): void {
  for (const chosen of pool) {
    const files = copyOf(chosen.files)
    assert.deepEqual(judgeLog(files, chosen), { by: 'nobody', verdict: 'cosigned' })
    const signed = publishedOf(logsOf(files), originIn(logsOf(files)))
    assert.ok(signed !== undefined && !('fault' in signed))
  }
}
