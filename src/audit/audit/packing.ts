/** The files of a bundle, and the archive they go into, one after another, so that no more than one is in memory. */
import { millisOf } from '#record'
import { sha256Of } from '#record/sha256'
import type { SignedCheckpoint } from '#domain/audit/checkpoint'
import type { EvidenceLine } from '#domain/audit/bundle/evidence'
import { makers, bundleReport } from '#domain/audit/bundle/report'
import { readmeOf, VERIFIER } from '#domain/audit/bundle/procedure'
import { hexOf } from '#domain/audit/merkle'
import { COSIGNATURE, formatNote, formatVkey, holds, type Verifier } from '#domain/audit/note'
import { parsePolicy } from '#domain/audit/policy'
import { formatProof, type LogProof } from '#domain/audit/proof'
import { nameOfLog, proveEntry } from '#domain/audit/published'
import { partsOf, signedOf, type Part } from '#domain/audit/whole'
import { packerOf, type Packing } from '#wire/archive/pack'
import { tarEnd, tarFile } from '#wire/archive/tar'
import { Failure, type ActionWorld } from '#tool'
import { ownKeys, nodeOf, POLICY_FILE } from '#tool/node'
import { signedWith, sound } from './signing.ts'
import type { Subject } from './sought.ts'

interface File {
  readonly name: string
  content(): Buffer
}

const PACKINGS: readonly (readonly [end: RegExp, packing: Packing])[] = [
  [/\.tar\.zst$|\.tzst$/, 'zstd'], [/\.tar\.gz$|\.tgz$/, 'gzip'], [/\.tar$/, 'none'],
]
const CHECKSUMS = 'SHA256SUMS'
/** When, and from where, each payload was heard. */
const HEARD = 'raw/heard.ndjson'

/** Write the archive; it stands under its name only once it is whole. */
export async function createBundle(output: string, subject: Subject, world: ActionWorld): Promise<void> {
  const packing = PACKINGS.find(([end]) => end.test(output))?.[1]
  if (packing === undefined) throw new Failure('usage', `--output: expected a name that ends in .tar.zst, .tar.gz or .tar, got "${output}"`)
  const logs = signedLogs(subject, world)
  const files = filesOf(subject, logs, world), packer = await packerOf(packing)
  const seconds = Math.floor(Math.max(...subject.lines.map(({ record }) => millisOf(record.known_at))) / 1000)
  const slash = output.lastIndexOf('/'), folder = world.logsIn(slash < 0 ? '.' : output.slice(0, slash + 1)), name = output.slice(slash + 1)
  const part = `.${name}.part`
  folder.remove(part)
  const tape = folder.open(part)
  try {
    let sums = ''
    for (const file of files) {
      const content = file.content()
      sums += `${sha256Of(content)}  ${file.name}\n`
      tape.append(packer.add(tarFile(`${subject.name}/${file.name}`, content, seconds)))
    }
    tape.append(packer.add(tarFile(`${subject.name}/${CHECKSUMS}`, Buffer.from(sums), seconds)))
    tape.append(packer.add(tarEnd()))
    tape.append(packer.end())
    tape.sync()
  } catch (error) {
    tape.close()
    folder.remove(part)
    throw error
  }
  tape.close()
  folder.move(part, name)
  const under = logs.map(({ signed: { size } }) => `the checkpoint of ${size} lines`).join(', ')
  world.print(`${output}: ${subject.subject}; ${subject.lines.length} records, each proved under ${under}`)
}

/** A log that some of the records stand in, and the checkpoint that they are proved under. */
interface SignedLog {
  readonly part: Part
  readonly signed: SignedCheckpoint
}

/** Oldest first. */
function signedLogs({ lines }: Subject, world: ActionWorld): readonly SignedLog[] {
  return partsOf(world.logs).parts.flatMap((part) => {
    const last = lines.findLast(({ line }) => line >= part.from && line < part.to)
    if (last === undefined) return []
    return [{ part, signed: part.last === undefined ? signedWith(last.line - part.from + 1, world) : sound(signedOf(part, world.logs)) }]
  })
}

function proofOf({ line, bytes }: EvidenceLine, logs: readonly SignedLog[], world: ActionWorld): LogProof {
  const log = logs.find(({ part: { from, to } }) => line >= from && line < to)
  if (log === undefined) throw new Failure('data', `line ${line + 1} is of no log`)
  return sound(proveEntry(world.logs, log.signed, line - log.part.from, bytes))
}

function filesOf(subject: Subject, signedOfLogs: readonly SignedLog[], world: ActionWorld): readonly File[] {
  const { lines } = subject
  const payloads = payloadsOf(subject, world), keys = keysOf(signedOfLogs, world)
  const lacking = [
    ...subject.missing.map((id) => `record ${id}, a parent, is not in the log`),
    ...payloads.missing.map((raw) => `payload ${raw} is not kept in this home`),
  ]
  const logs = signedOfLogs.map(({ signed: { origin, size, root, note } }) => {
    const hasCosigned = (key: Verifier): boolean => key.type === COSIGNATURE && note.signatures.some((one) => holds(note.text, one, key))
    return { origin, size, rootHex: hexOf(root), cosigners: keys.filter(hasCosigned).map(({ name }) => name) }
  })
  const heard = payloads.files.filter(({ name }) => name !== HEARD).length
  const about = { subject: subject.subject, by: world.by, logs, records: lines.length, payloads: heard, lacking }
  const text = (name: string, content: () => string): File => ({ name, content: () => Buffer.from(content()) })
  const policy = world.folder.read(`${world.home}/${POLICY_FILE}`)
  const files = [
    text('README.txt', () => readmeOf(about)),
    ...(policy === undefined ? [] : [{ name: POLICY_FILE, content: () => policy }]),
    ...signedOfLogs.map(({ signed: { origin, note } }) => text(`checkpoints/${nameOfLog(origin)}`, () => formatNote(note))),
    ...settingsOf(subject, world).map(([name, content]) => text(`config/${name}`, () => content)),
    text('keys.txt', () => keys.map((key) => `${key.type === COSIGNATURE ? 'witness' : 'log'} ${formatVkey(key)}\n`).join('')),
    ...lines.map((line) => text(`proofs/${line.record.id}.tlog-proof`, () => formatProof(proofOf(line, signedOfLogs, world)))),
    ...payloads.files,
    { name: 'records.ndjson', content: () => Buffer.concat(lines.flatMap(({ bytes }) => [bytes, Buffer.from('\n')])) },
    text('report.html', () => bundleReport({ subject: subject.subject, logs, lines, lacking })),
    text('verify.py', () => VERIFIER),
  ]
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

interface Payloads {
  readonly files: readonly File[]
  readonly missing: readonly string[]
}

/** Payloads that the records name, and what is known of when each was heard. */
function payloadsOf({ lines }: Subject, { outside: { archive } }: ActionWorld): Payloads {
  const named = new Map<string, string>()
  for (const { record: { raw, by } } of lines) if (raw !== undefined) named.set(raw, by.split('/')[0] ?? '')
  const isHere = (raw: string): boolean => archive.read(raw) !== undefined
  const files = [...named.keys()].filter(isHere).map((raw): File => ({ name: `raw/${raw}`, content: () => archive.read(raw) ?? Buffer.alloc(0) }))
  const heard = [...new Set(named.values())].sort().flatMap((tool) => [...archive.kept(tool)].filter(({ raw }) => named.has(raw)))
  if (heard.length > 0) files.push({ name: HEARD, content: () => Buffer.from(heard.map((kept) => `${JSON.stringify(kept)}\n`).join('')) })
  return { files, missing: [...named.keys()].filter((raw) => !isHere(raw)).sort() }
}

/** The logs' own keys, past ones included, and the witnesses that the policy of this home knows, or the node itself is. */
function keysOf(logs: readonly SignedLog[], { folder, home, nodeKeys }: ActionWorld): readonly Verifier[] {
  const origins = logs.map(({ signed: { origin } }) => origin)
  const own = origins.flatMap((origin) => ownKeys(origin, { nodeKeys }))
  const text = folder.read(`${home}/${POLICY_FILE}`)?.toString('utf8')
  const policy = text === undefined ? undefined : parsePolicy(text)
  if (typeof policy === 'string') throw new Failure('config', `${home}/${POLICY_FILE}: ${policy}`)
  const witness = nodeOf({ nodeKeys })?.witness
  const known = [...(policy?.logs ?? []).filter(({ name }) => origins.includes(name)), ...(policy?.witnesses.values() ?? [])]
  const all = [...own, ...known, ...(witness === undefined ? [] : [witness])]
  return [...new Map(all.map((key) => [formatVkey(key), key])).values()]
}

/** What stood in force, as far as this home remembers, up to the last of the records: name and content. */
function settingsOf({ lines }: Subject, world: ActionWorld): readonly (readonly [name: string, content: string])[] {
  const last = Math.max(...lines.map(({ record }) => millisOf(record.known_at)))
  const until = (journal: string): string => [...world.journal(journal).lines()].filter((line) => {
    const change = JSON.parse(line) as { readonly known_at?: unknown }
    return typeof change.known_at === 'string' && millisOf(change.known_at) <= last
  }).map((line) => `${line}\n`).join('')
  const settings: readonly (readonly [name: string, content: string])[] = [
    ['vaults.ndjson', until('vaults.ndjson')],
    ['overlay.ndjson', until('overlay.ndjson')],
    ['vault_keys.json', `${JSON.stringify([...world.keys.publicKeys().values()], undefined, 2)}\n`],
    ['tools.tsv', makers(lines.map(({ record }) => record)).map(([by, count]) => `${count}\t${by}\n`).join('')],
  ]
  return settings.filter(([, content]) => content !== '')
}
