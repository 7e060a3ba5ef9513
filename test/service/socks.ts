/** A small SOCKS5 server (RFC 1928, CONNECT without authentication) that alone knows some names, and remembers what it was asked. */
import net, { type AddressInfo, type Socket } from 'node:net'

export interface SocksAsked {
  /** How the destination was given: only `name` leaves the looking-up to the proxy. */
  readonly kind: 'ipv4' | 'ipv6' | 'name'
  readonly host: string
  readonly port: number
}

export interface SocksServer {
  /** HOST:PORT, as `--socks` takes it. */
  readonly address: string
  readonly asked: SocksAsked[]
  close(): Promise<void>
}

const VERSION = 5, NO_AUTHENTICATION = 0, NONE_ACCEPTABLE = 0xff, CONNECT = 1
const REPLY = { granted: 0, hostUnreachable: 4, refused: 5, commandNotSupported: 7, addressNotSupported: 8 } as const

/** `names`: where names that only this proxy knows lead to, `HOST:PORT` on loopback whatever port was asked for. Others are unreachable. */
export async function startSocks(names: Readonly<Record<string, string>>): Promise<SocksServer> {
  const asked: SocksAsked[] = []
  const open = new Set<Socket>()
  const server = net.createServer((client) => {
    open.add(client)
    client.once('close', () => open.delete(client))
    client.on('error', () => client.destroy())
    void converse(client, names, asked, open).catch(() => client.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close() {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function converse(client: Socket, names: Readonly<Record<string, string>>, asked: SocksAsked[], open: Set<Socket>): Promise<void> {
  const read = reader(client)
  const [version, methodCount = 0] = await read(2)
  const methods = await read(methodCount)
  if (version !== VERSION || !methods.includes(NO_AUTHENTICATION)) return void client.end(Buffer.from([VERSION, NONE_ACCEPTABLE]))
  client.write(Buffer.from([VERSION, NO_AUTHENTICATION]))
  const [, command, , kind] = await read(4)
  const destination = await destinationOf(read, kind)
  if (destination === undefined) return refuse(client, REPLY.addressNotSupported)
  asked.push(destination)
  if (command !== CONNECT) return refuse(client, REPLY.commandNotSupported)
  const target = destination.kind === 'name' ? names[destination.host] : `${destination.host}:${destination.port}`
  if (target === undefined) return refuse(client, REPLY.hostUnreachable)
  const colon = target.lastIndexOf(':')
  const onward = net.connect({ host: target.slice(0, colon), port: Number(target.slice(colon + 1)) })
  open.add(onward)
  onward.once('close', () => open.delete(onward))
  onward.once('error', () => refuse(client, REPLY.refused))
  onward.once('connect', () => {
    client.write(replyOf(REPLY.granted))
    onward.pipe(client)
    client.pipe(onward)
    client.once('close', () => onward.destroy())
  })
}

async function destinationOf(read: (count: number) => Promise<Buffer>, kind: number | undefined): Promise<SocksAsked | undefined> {
  const port = async (): Promise<number> => (await read(2)).readUInt16BE()
  switch (kind) {
    case 1: return { kind: 'ipv4', host: [...await read(4)].join('.'), port: await port() }
    case 3: return { kind: 'name', host: (await read((await read(1))[0] ?? 0)).toString('latin1'), port: await port() }
    case 4: return { kind: 'ipv6', host: [...await read(16)].map((byte) => byte.toString(16)).join(':'), port: await port() }
    default: return undefined
  }
}

const replyOf = (code: number): Buffer => Buffer.from([VERSION, code, 0, 1, 0, 0, 0, 0, 0, 0])
const refuse = (client: Socket, code: number): void => void client.end(replyOf(code))

/** Exactly so many bytes, the rest left in the socket for whoever is piped to next. */
function reader(socket: Socket): (count: number) => Promise<Buffer> {
  return async (count) => {
    if (count === 0) return Buffer.alloc(0)
    for (;;) {
      const bytes = socket.read(count) as Buffer | null
      if (bytes !== null) return bytes
      await new Promise<void>((resolve, reject) => {
        socket.once('readable', resolve)
        socket.once('close', () => reject(new Error('closed')))
      })
    }
  }
}
