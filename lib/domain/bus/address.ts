/**
 * Where a stream is: `redis://HOST:PORT/NAME`, `rediss://`, `kafka://`, `kafkas://`, `file:NAME`; `redis:NAME` and `kafka:NAME` at the usual server.
 * Several hosts, `redis://a:6379,b:6379/NAME`, are one server and its copies, whichever of them is the primary; of Kafka, where to ask for the others.
 */

export const BUS_KINDS = ['file', 'redis', 'kafka'] as const
export type BusKind = (typeof BUS_KINDS)[number]

export interface Host {
  readonly host: string
  readonly port: number
}

export interface BusAddress {
  readonly kind: BusKind
  readonly stream: string
  /** Absent for files. */
  readonly server?: { readonly hosts: readonly Host[]; readonly tls: boolean; readonly user: string | undefined }
  /** How many partitions a stream is made with; one that is there keeps its own. */
  readonly partitions: number
  /** How long what every group has done with is kept. */
  readonly keepMs: number
  /** How long a server that does not answer is asked again; of Redis. */
  readonly patienceMs: number
  /** Copies besides the server's own that must have a line before it counts as sent. */
  readonly replicas: number
}

const PORTS = { redis: 6379, kafka: 9092 } as const
const PARTITIONS = 4, MOST_PARTITIONS = 256
const KEEP_MS = 7 * 86_400_000
const PATIENCE_MS = 60_000
/** What a stream may be called: also the name of a file, and of a topic. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$/

/** Whether a group of readers may be called so: it is part of names of files and keys. */
export const isGroupName = (text: string): boolean => NAME.test(text)

/** Servers of the short forms, such as `redis://127.0.0.1:6379`. */
export interface UsualServers {
  readonly redis?: string | undefined
  readonly kafka?: string | undefined
}

/** Throws RangeError with what is wrong. A password is no part of an address: it would stand in the list of processes. */
export function parseBusAddress(text: string, usual: UsualServers = {}): BusAddress {
  const short = /^(redis|kafka|file):(?!\/\/)(.*)$/s.exec(text)
  if (short?.[1] === 'file') {
    // A URL would make something else of "..".
    if (!NAME.test(text.slice('file:'.length).replace(/\?.*$/s, ''))) throw new RangeError(notName(text))
    return { kind: 'file', ...parts(new URL(`file:///${short[2] ?? ''}`), text) }
  }
  if (short !== null) {
    const kind = short[1] === 'redis' ? 'redis' : 'kafka'
    return parseBusAddress(`${(usual[kind] ?? `${kind}://127.0.0.1:${PORTS[kind]}`).replace(/\/+$/, '')}/${short[2] ?? ''}`)
  }
  const scheme = /^(redis|kafka)(s?):\/\/([^/?]*)(.*)$/s.exec(text)
  if (scheme === null) throw new RangeError(`expected redis:NAME, redis://HOST:PORT/NAME, kafka:NAME, kafka://HOST:PORT/NAME or file:NAME, got "${text}"`)
  const kind = scheme[1] === 'redis' ? 'redis' : 'kafka'
  const authority = scheme[3] ?? '', end = authority.lastIndexOf('@'), who = authority.slice(0, Math.max(0, end))
  if (who.includes(':')) throw new RangeError('a password does not belong into an address: put it into secrets/bus in the home')
  const hosts = authority.slice(end + 1).split(',').map((host) => hostIn(host, PORTS[kind], text))
  const server = { hosts, tls: scheme[2] === 's', user: who === '' ? undefined : decodeURIComponent(who) }
  return { kind, server, ...parts(urlOf(`http://x${scheme[4] ?? ''}`, text), text) }
}

function hostIn(text: string, usual: number, whole: string): Host {
  const { hostname, port, pathname } = urlOf(`http://${text}`, whole)
  if (hostname === '' || pathname !== '/') throw new RangeError(`not an address: "${whole}"`)
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? (text.endsWith(':80') ? 80 : usual) : Number(port) }
}

function urlOf(text: string, whole: string): URL {
  try {
    return new URL(text)
  } catch {
    throw new RangeError(`not an address: "${whole}"`)
  }
}

const notName = (text: string): string => `expected the name of a stream, letters, digits, ".", "_" or "-", in "${text}"`

function parts(url: URL, text: string): Pick<BusAddress, 'stream' | 'partitions' | 'keepMs' | 'replicas' | 'patienceMs'> {
  const stream = decodeURIComponent(url.pathname.slice(1))
  if (!NAME.test(stream)) throw new RangeError(notName(text))
  for (const key of url.searchParams.keys()) {
    if (['partitions', 'keep', 'replicas', 'patience'].includes(key)) continue
    throw new RangeError(`unknown setting "${key}" in "${text}"; there are partitions, keep (days), replicas, patience (seconds)`)
  }
  const whole = (name: string, otherwise: number, least: number, most: number): number => {
    const said = url.searchParams.get(name), value = said === null ? otherwise : Number(said)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new RangeError(`${name}: expected a whole number from ${least} to ${most}, got "${said}"`)
  }
  return {
    stream, partitions: whole('partitions', PARTITIONS, 1, MOST_PARTITIONS), replicas: whole('replicas', 0, 0, 16),
    patienceMs: whole('patience', PATIENCE_MS / 1000, 1, 3600) * 1000,
    keepMs: whole('keep', KEEP_MS / 86_400_000, 1, 36_500) * 86_400_000,
  }
}

/** An IPv6 address as it stands before a port. */
export const withBrackets = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** The same address for whoever would rather know now than wait; one that says how long keeps that. */
export const hurried = (text: string): string => (/[?&]patience=/.test(text) ? text : `${text}${text.includes('?') ? '&' : '?'}patience=3`)

/** As a person writes it. */
export function nameOfAddress({ kind, server, stream }: BusAddress): string {
  if (server === undefined) return `${kind}:${stream}`
  return `${kind}${server.tls ? 's' : ''}://${server.hosts.map(({ host, port }) => `${withBrackets(host)}:${port}`).join(',')}/${stream}`
}
