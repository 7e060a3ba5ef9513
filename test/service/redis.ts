/** A Redis server of the test's own, on a free port of this machine, gone with it; tests say what they miss where there is none. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { Redis } from 'ioredis'
import { needed } from '../needed.ts'

export interface RedisServer {
  /** Why there is none. */
  readonly skip: string | undefined
  readonly port: number
  /** As a power cut would end it; what was acknowledged is on disk. */
  kill(): Promise<void>
  /** As a copy of the server at `primary`, where it is given. */
  start(primary?: number): Promise<void>
  /** It answers nobody for so long. */
  freeze(ms: number): Promise<void>
  /** From a copy to the primary. */
  promote(): Promise<void>
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

export async function redisServer(settings: readonly string[] = [], primary?: number): Promise<RedisServer> {
  const skip = needed('redis-server'), port = await freePort(), folder = mkdtempSync(join(tmpdir(), 'vanta-redis-'))
  let child: ChildProcess | undefined
  const server: RedisServer = {
    skip, port,
    async kill() {
      const ended = new Promise((resolve) => child?.once('exit', resolve))
      child?.kill('SIGKILL')
      await ended
    },
    async start(primary) {
      const words = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--save', '', ...settings]
      child = spawn('redis-server', primary === undefined ? words : [...words, '--replicaof', '127.0.0.1', String(primary)], { stdio: 'ignore' })
      await reachable(port)
    },
    async freeze(ms) {
      child?.kill('SIGSTOP')
      await new Promise((resolve) => setTimeout(resolve, ms))
      child?.kill('SIGCONT')
    },
    async promote() {
      const redis = new Redis({ port })
      await redis.replicaof('NO', 'ONE')
      redis.disconnect()
    },
  }
  if (skip === undefined) await server.start(primary)
  after(() => child?.kill('SIGKILL'))
  return server
}

export async function reachable(port: number, waitMs = 20_000): Promise<void> {
  for (let waitedMs = 0; waitedMs < waitMs; waitedMs += 50) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => void (socket.destroy(), resolve(true)))
      socket.once('error', () => resolve(false))
    })
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`no server at port ${port}`)
}
