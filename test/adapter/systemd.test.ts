import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'

const project = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const folder = mkdtempSync(join(tmpdir(), 'vanta-notify-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A systemd-notify that writes down what it is to tell. */
const told = join(folder, 'told')
writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$@" >> ${told}\n`)
chmodSync(join(folder, 'systemd-notify'), 0o755)

/** A filter that waits for input; `exec` keeps the process id that the shell has said. */
function filter(environment: Readonly<Record<string, string>>, watched = '$$'): ReturnType<typeof spawn> {
  return spawn('/bin/sh', ['-c', `WATCHDOG_PID=${watched} exec ${process.execPath} ${join(project, 'bin', 'vanta-decay')}`], {
    stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, VANTA_HOME: folder, NOTIFY_SOCKET: '/run/none', PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, ...environment },
  })
}
const lines = (): readonly string[] => (existsSync(told) ? readFileSync(told, 'utf8').trim().split('\n') : [])
const ended = (child: ReturnType<typeof spawn>): Promise<number | null> => new Promise((resolve) => void child.once('exit', resolve))

test('a service says that it is ready, and then again and again that it is alive; its end is not held up', { timeout: 60_000 }, async () => {
  const child = filter({ WATCHDOG_USEC: '300000' }), end = ended(child)
  while (lines().length < 4) await new Promise((resolve) => setTimeout(resolve, 50))
  child.stdin?.end()
  assert.equal(await end, 0)
  assert.equal(lines()[0], '--ready WATCHDOG=1')
  assert.deepEqual([...new Set(lines().slice(1))], ['WATCHDOG=1'])
  rmSync(told)
})

test('whoever is not the service tells nothing, and who cannot tell says so once and goes on', { timeout: 60_000 }, async () => {
  const other = filter({ WATCHDOG_USEC: '3000' }, '1')
  other.stdin?.end()
  assert.equal(await ended(other), 0)
  assert.deepEqual(lines(), [])
  writeFileSync(join(folder, 'systemd-notify'), '#!/bin/sh\nexit 3\n')
  const deaf = filter({ WATCHDOG_USEC: '150000' }), end = ended(deaf)
  let said = ''
  deaf.stderr?.setEncoding('utf8').on('data', (text: string) => void (said += text))
  while (!said.includes('systemd-notify ended with 3')) await new Promise((resolve) => setTimeout(resolve, 50))
  deaf.stdin?.end()
  assert.equal(await end, 0)
  assert.equal(said.split('is not told').length, 2)
})
