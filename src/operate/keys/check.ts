import { DAY_MS, formatInstant, type Millis } from '#record'
import { certificatesIn, LISTS_FILE, standingOf, trustIn, TRUSTED_FILE, type Found, type Trust } from '#domain/certificate/standing'
import { command, Failure, type ActionWorld } from '#tool'
import { AUTHORITY_OPTION, authorityFolder, authorityKeyFile, certificateFolder, registerIn } from '#tool/authority'

const OTHERS = 0o077

const WORDS: { readonly [found in Found]: string } = {
  good: 'counts', soon: 'ends soon', expired: 'has ended', early: 'does not count yet', revoked: 'is revoked', strange: 'no authority in ca.pem signed it',
  untold: 'ca.crl says nothing of it, or has aged: whoever heeds it refuses the certificate',
}

export default command({
  name: 'vanta-keys check',
  summary: 'Whether certificates still count, soon end, or were revoked, and whether private keys belong to their owner alone.',
  about: [
    'Looks at every certificate in FOLDER by the ca.pem and ca.crl beside it, at the authority where it is here, and at the modes of all private keys in',
    'secrets. Exit status 0: all is good; 1: something is not, ends within --within, or is not in the folder that --in names;',
    '78: others may read a private key.',
  ].join(' '),
  options: {
    authority: AUTHORITY_OPTION,
    in: { kind: 'path', help: 'folder of certificates (default: secrets/tls in the home)' },
    within: { kind: 'duration', default: '7d', help: 'warn so long before the end' },
  },
  examples: [
    'vanta-keys init >/dev/null && vanta-keys issue markets >/dev/null && vanta-keys check',
    { run: 'vanta-keys init >/dev/null && vanta-keys issue markets --life 6d >/dev/null && vanta-keys check', note: 'it ends within a week', status: 1 },
  ],
  act({ authority, in: named, within }, _operands, world) {
    const folder = certificateFolder(named, world), loose = looseKeys(folder, authorityFolder(authority, world), world)
    for (const path of loose) world.print(`loose ${path}: others may read it; chmod 600 it`)
    const tight = (path: string): boolean => !loose.includes(path)
    const lines = [...certificateLines(folder, within, world, tight), ...authorityLines(authorityFolder(authority, world), within, world, tight)]
    for (const { text } of lines) world.print(text)
    if (loose.length > 0) throw new Failure('config', `${loose.length} private ${loose.length === 1 ? 'key' : 'keys'} that others may read`)
    if (lines.length === 0) world.log.info(`no certificates in ${folder}`)
    return lines.every(({ isGood }) => isGood) && (lines.length > 0 || named === undefined) ? 'done' : 'negative'
  },
})

interface Line {
  readonly text: string
  readonly isGood: boolean
}

/** Private keys: what vaults and the node sign with, certificates with theirs, secrets, and the authority's own. */
function looseKeys(folder: string, authority: string, { machine, home }: ActionWorld): readonly string[] {
  return [`${home}/secrets`, folder, authority].flatMap((place) => machine.entries(place).flatMap(({ name, kind, mode }) => {
    const isOpen = name === TRUSTED_FILE || name === LISTS_FILE || name === 'register.json'
    return kind === 'file' && !isOpen && !name.startsWith('.') && (mode & OTHERS) !== 0 ? [`${place}/${name}`] : []
  }))
}

function certificateLines(folder: string, withinMs: Millis, world: ActionWorld, tight: (path: string) => boolean): readonly Line[] {
  const names = world.folder.list(folder).filter((name) => name.endsWith('.pem') && name !== TRUSTED_FILE)
  if (names.length === 0) return []
  const trust = trustOf(folder, world)
  return names.map((name) => `${folder}/${name}`).filter(tight).map((path) => lineOf(path, trust, withinMs, world))
}

function lineOf(path: string, trust: Trust, withinMs: Millis, world: ActionWorld): Line {
  const text = world.certificateKeys.certificates(path) ?? '', [own] = certificatesIn(text)
  if (own === undefined) throw new Failure('config', `${path}: not a certificate`)
  const { found, untilMs } = standingOf(own, trust, world.clock.now(), withinMs)
  return { text: `${found} ${path}: ${WORDS[found]}; until ${formatInstant(untilMs)}`, isGood: found === 'good' }
}

function trustOf(folder: string, world: ActionWorld): Trust {
  const text = (name: string): string => world.folder.read(`${folder}/${name}`)?.toString('latin1') ?? ''
  try {
    return trustIn(text(TRUSTED_FILE), text(LISTS_FILE))
  } catch (error) {
    throw error instanceof RangeError ? new Failure('config', `${folder}: ${error.message}`, error) : error
  }
}

/** The authority's own certificates, which all others rest on: warned of three months ahead. */
function authorityLines(folder: string, withinMs: Millis, world: ActionWorld, tight: (path: string) => boolean): readonly Line[] {
  const register = registerIn(folder, world)
  if (register === undefined) return []
  const trust = trustOf(folder, world), aheadMs = Math.max(withinMs, 90 * DAY_MS)
  return register.authorities.map((_, place) => authorityKeyFile(folder, place)).filter(tight).map((path) => lineOf(path, trust, aheadMs, world))
}
