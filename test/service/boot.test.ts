/**
 * The units for real: a machine of its own in namespaces of this one, systemd as its first process, three nodes installed on it with a server of
 * streams between them, and one cycle of the loop by their units, from a signal to the fills' place in the books.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test, type TestContext } from 'node:test'
import { ROLES } from '#domain/node/role'
import { formatInstant, identify, type Vanta } from '#record'
import { needed } from '../needed.ts'

const here = dirname(fileURLToPath(import.meta.url)), project = dirname(dirname(here))
const NAMESPACES = ['--pid', '--mount', '--fork', '--cgroup', '--uts', '--ipc', '--net', '--kill-child']

function cannot(): string | undefined {
  const missing = needed('systemd-analyze') ?? needed('redis-server')
  if (missing !== undefined) return missing
  const { status } = spawnSync('unshare', [...NAMESPACES, 'mount', '-t', 'cgroup2', 'cgroup2', '/sys/fs/cgroup'])
  return status === 0 ? undefined : 'no machine can be made within this one here'
}

/** A booted machine: runs a shell script on it, and gives what it said. */
async function boot(context: TestContext): Promise<(script: string) => string> {
  const folder = mkdtempSync(join(tmpdir(), 'vanta-boot-'))
  const child: ChildProcess = spawn('unshare', [...NAMESPACES, 'bash', join(here, 'boot.sh'), folder, project], { stdio: ['ignore', 'ignore', 'inherit'] })
  const gone = new Promise((resolve) => void child.once('exit', resolve))
  context.after(async () => {
    child.kill('SIGKILL')
    await gone
    rmSync(folder, { recursive: true, force: true })
  })
  const first = (): string => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
  const run = (script: string): string => {
    const { stdout, stderr } = spawnSync('nsenter', ['-t', first(), '-a', 'bash'], { input: `cd /srv/vanta\n${script}`, encoding: 'utf8', timeout: 120_000 })
    return stdout + stderr
  }
  for (let state = ''; !/^(running|degraded)$/m.test(state);) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.equal(child.exitCode, null, 'the machine is gone')
    if (first() !== '') state = run('systemctl is-system-running')
  }
  return run
}

test('three nodes on a machine that systemd runs: one cycle, and what no node may', { skip: cannot(), timeout: 300_000 }, async (context) => {
  const run = await boot(context)
  for (const role of ROLES) {
    // Where this machine is a node itself, the one within it is not.
    run(`userdel vanta-${role}`)
    const said = run(`bin/vanta install --role ${role} --home /opt/vanta/${role}; echo VANTA_REDIS=redis://127.0.0.1:6379 > /opt/vanta/${role}/node.env`)
    assert.match(said, new RegExp(`^account  vanta-${role},[^]*^run      systemctl daemon-reload\nto start it: systemctl enable --now vanta-${role}.target$`, 'm'))
    assert.equal(run(`bin/vanta install --role ${role} --home /opt/vanta/${role}`), 'nothing to do\n')
  }
  const as = (role: string, words: string): string => run(`setpriv --reuid=vanta-${role} --regid=vanta-${role} --clear-groups env VANTA_HOME=/opt/vanta/${role} sh -c '${words}'`)
  run('systemd-run --quiet --unit=streams redis-server --port 6379 --save ""; until redis-cli ping; do sleep 0.1; done')
  assert.match(as('alpha', 'cd /opt/vanta/alpha; bin/vanta-vault init core; bin/vanta-audit key alpha.example'), /"kind":"vault"/)

  // systemctl waits for a service of Type=notify until it has said that it is ready.
  const refine = 'vanta-stream@markets-refine.service', convict = 'vanta-stream@markets-convict.service'
  for (const stream of [refine, convict]) assert.equal(run(`systemctl start ${stream}; systemctl is-active ${stream}`), 'active\n')
  const season = spawnSync(join(project, 'bin', 'vanta-replay'), ['--data', 'samples/season', '--from', '2021-01-14', '--to', '2021-01-15'], {
    cwd: project, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, VANTA_HOME: tmpdir() },
  })
  const at = formatInstant(Date.now() - 300_000), heard = season.stdout.split('\n').filter((line) => line.startsWith('{"kind":"signal"')).slice(0, 200)
  const lines = heard.map((line) => {
    const record = { ...(JSON.parse(line) as Vanta), at, known_at: at }
    return JSON.stringify({ ...record, id: identify(record) })
  })
  run(`export VANTA_REDIS=redis://127.0.0.1:6379 VANTA_HOME=/tmp/elsewhere; bin/vanta-beam --to redis:signals >/dev/null <<'END'\n${lines.join('\n')}\nEND`)
  run('until for p in 0 1 2 3; do redis-cli xrange {convictions}:$p - +; done | grep -q vanta-risk; do sleep 0.2; done')
  for (const unit of ['vanta-fold@alpha-allocate', 'vanta-action@executor-trade', 'vanta-fold@alpha-books', 'vanta-local@alpha-checkpoint']) {
    assert.equal(run(`systemctl start ${unit}.service`), '', `${unit}: ${run(`journalctl --no-pager -o cat -n 20 -u ${unit}`)}`)
  }
  // What Markets concluded stands in the log of every node, as the same line.
  const [concluded = ''] = run('grep -h \'^{"kind":"risk"\' /opt/vanta/markets/logs/audit.jsonl').split('\n')
  assert.match(concluded, /vanta-risk/)
  for (const role of ROLES) assert.ok(run(`cat /opt/vanta/${role}/logs/audit.jsonl`).split('\n').includes(concluded), `${role}: ${concluded}`)
  const slots = ROLES.map((role) => run(`cat /opt/vanta/${role}/logs/slots.ndjson`)).join('')
  for (const job of ['allocate', 'books', 'checkpoint']) assert.match(slots, new RegExp(`"job":"${job}".*"done"|"done".*"job":"${job}"`), slots)

  // A service that is killed comes again; what fails is logged as an alarm.
  run(`systemctl kill --signal=KILL ${refine}; until [ "$(systemctl show -P NRestarts ${refine})" = 1 ] && systemctl is-active ${refine}; do sleep 0.2; done`)
  // What fails comes to the alarm by itself: a job whose memory is spoilt; a log that somebody has changed is a failure too.
  run('echo spoilt > /opt/vanta/alpha/memory/slot_alpha_books.json; systemctl start vanta-fold@alpha-books.service')
  assert.match(run('for i in $(seq 100); do cat /opt/vanta/alpha/logs/alarms.log 2>/dev/null && break; sleep 0.2; done'), /"msg":"vanta-fold@alpha-books has failed: exit-code/)
  run('sed -i "3s/2026/2027/" /opt/vanta/alpha/logs/audit.jsonl')
  assert.match(run('systemctl start vanta-local@alpha-verify.service; journalctl --no-pager -o cat -u vanta-local@alpha-verify.service'), /failed/)

  // By its user alone, a node cannot change what it runs, nor look at another's home.
  assert.match(as('markets', 'touch /opt/vanta/markets/current/x'), /Permission denied/)
  assert.match(as('markets', 'ls /opt/vanta/alpha/secrets'), /Permission denied/)
  assert.match(as('markets', 'cd /opt/vanta/markets; bin/vanta-exec reconcile'), /a node of the role markets has no "broker"/)
})
