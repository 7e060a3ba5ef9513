/** Several questions of one run: from a pipe, and from somebody at a terminal (a pseudo-terminal of script(1), where there is one). */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const root = join(import.meta.dirname, '../..'), home = mkdtempSync(join(tmpdir(), 'vanta-talk-')), ESCAPE = String.fromCharCode(27)
after(() => rmSync(home, { recursive: true, force: true }))
const env = { ...process.env, VANTA_HOME: home, PATH: `${join(root, 'bin')}:${process.env['PATH']}`, TERM: 'xterm' }
const asked = (): readonly string[] => {
  const { turns } = JSON.parse(readFileSync(join(home, 'memory/assistant.json'), 'utf8')) as { turns: readonly { question: string }[] }
  return turns.map(({ question }) => question)
}
const said = (words: readonly string[], input: string) => spawnSync('vanta-assistant', words, { cwd: root, env, input, encoding: 'utf8' })

assert.equal(spawnSync('sh', ['-c', 'vanta-vault init core && vanta-overlay kill --who ann --reason drill'], { cwd: root, env, stdio: 'ignore' }).status, 0)

test('a pipe: an answer a line, in their order; what cannot be answered is said in its place', () => {
  const { status, stdout, stderr } = said(['-', '--json'], 'and before that?\nis the kill switch on, and who set it?\r\n\n  what of ZZZQ?  ')
  const lines = stdout.trim().split('\n').map((line) => JSON.parse(line) as { question: string; fault?: string; statements?: readonly unknown[] })
  assert.deepEqual([status, stderr], [1, ''])
  assert.deepEqual(lines.map(({ question }) => question), ['and before that?', 'is the kill switch on, and who set it?', 'what of ZZZQ?'])
  assert.match(lines[0]?.fault ?? '', /goes on from a question/)
  assert.ok((lines[1]?.statements ?? []).length > 0)
  assert.deepEqual(asked(), ['is the kill switch on, and who set it?', 'what of ZZZQ?'])
  const one = said(['-'], 'is the kill switch on?\n')
  assert.deepEqual([one.status, one.stdout.includes(ESCAPE), one.stderr], [0, false, ''])
  assert.match(one.stdout, /ann/)
  assert.equal(said([], 'is the kill switch on?\n').status, 2)
})

const isWithout = spawnSync('script', ['--version']).status !== 0 && 'there is no script(1) here'

test('a terminal: a prompt, answers before the next, earlier questions by the arrow, Ctrl-C for a line and Ctrl-D for all', { skip: isWithout, timeout: 60_000 }, async () => {
  const child = spawn('script', ['-qec', 'vanta-assistant', '/dev/null'], { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] })
  let shown = ''
  const prompts = (): number => shown.split('? ').length - 1
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const heard = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) {
      if (child.stdout.readableEnded) assert.fail(JSON.stringify(shown))
      await Promise.race([new Promise((wake) => child.stdout.once('data', wake)), ended])
    }
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
  await heard(() => prompts() >= 1)
  child.stdin.write(`${ESCAPE}[A`)
  await heard(() => shown.includes('is the kill switch on?'))
  child.stdin.write('\r')
  await heard(() => /ann[^]*\? $/.test(shown.replaceAll(new RegExp(`${ESCAPE}\\[[0-9;]*[A-Z]`, 'g'), '')))
  child.stdin.write('never asked\u0003')
  await heard(() => shown.includes('^C'))
  child.stdin.write('what failed?\r')
  await heard(() => asked().at(-1) === 'what failed?')
  child.stdin.write('\u0004')
  assert.equal(await ended, 0, shown)
  assert.deepEqual(asked().slice(-3), ['is the kill switch on?', 'is the kill switch on?', 'what failed?'])
})
