import { exposition } from '#domain/operate/exposition'
import { metricsOf } from '#domain/operate/status/metrics'
import type { ListenAddress, Page } from '#port/serve'
import { command, Failure, type ActionWorld } from '#tool'
import { VERSION } from '#tool/version'
import { look } from './look.ts'

/** As the format names itself. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
const LOOPBACK = '127.0.0.1'

export default command({
  name: 'vanta metrics',
  summary: 'What vanta status tells, as measurements in the text format of Prometheus.',
  about: [
    'Printed once, or with --listen served under /metrics, each time from a fresh look. It listens on the loopback of this machine unless an address',
    'is given, and answers GET and HEAD only; put a proxy with TLS in front of it where others are to ask.',
  ].join(' '),
  options: {
    listen: { kind: 'text', help: 'PORT, or HOST:PORT, to answer on until interrupted; port 0 is any that is free' },
    stream: { kind: 'list', help: 'streams on servers to ask too, such as redis:signals' },
  },
  examples: ['vanta-vault init core >/dev/null && vanta metrics | grep vanta_vault_equity'],
  async act({ listen, stream }, _operands, world) {
    if (listen === undefined) return world.print((await textOf(stream, world)).trimEnd())
    const address = addressIn(listen)
    if (!isLoopback(address.host)) world.log.warn(`${address.host} is no loopback: whoever reaches this machine can read the measurements`)
    const { signal, flushed } = world.outside
    // Questions that come while the home is looked at get the same answer.
    let looking: Promise<string> | undefined
    const serving = await world.serve(address, async (path): Promise<Page> => {
      if (path !== '/metrics') return { status: 404, contentType: 'text/plain; charset=utf-8', text: 'see /metrics\n' }
      looking ??= textOf(stream, world).finally(() => (looking = undefined))
      return { status: 200, contentType: CONTENT_TYPE, text: await looking }
    }, signal)
    world.print(`http://${serving.address}/metrics`)
    await flushed()
    await serving.ended
  },
})

const textOf = async (servers: readonly string[] | undefined, world: ActionWorld): Promise<string> => exposition(metricsOf(await look(world, servers), VERSION))

/** `9464`, `127.0.0.1:9464`, `[::1]:9464`. */
function addressIn(text: string): ListenAddress {
  const [, bracketed, named, digits = ''] = /^(?:(?:\[([0-9a-fA-F:]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === '' || port > 65_535) throw new Failure('usage', `--listen: expected PORT or HOST:PORT, got "${text}"`)
  return { host: bracketed ?? named ?? LOOPBACK, port }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
