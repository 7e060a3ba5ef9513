/** Three nodes, each with a home of its own, watch over one another: the commands of the README, as processes. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { lineOf } from '#record'
import { fileLogs } from '#adapter/file/logs'
import { genesisOfLine } from '#domain/audit/genesis'
import { openAuditLog } from '#domain/audit/log'
import { opened, recordOf } from '../domain/audit/fixture.ts'

const room = mkdtempSync(join(tmpdir(), 'vanta-three-'))
after(() => rmSync(room, { recursive: true, force: true }))
const program = fileURLToPath(new URL('../../bin/vanta-audit', import.meta.url))

interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

class NodeHome {
  readonly home: string
  readonly name: string

  constructor(name: string) {
    this.name = name
    this.home = join(room, name)
  }

  run(args: readonly string[], input = ''): Ran {
    const env = { ...process.env, VANTA_HOME: this.home }
    const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8', env, cwd: room })
    return { status, out: stdout, err: stderr }
  }

  /** The output of a command that must succeed. */
  ok(args: readonly string[], input = ''): string {
    const { status, out, err } = this.run(args, input)
    assert.equal(status, 0, `${this.name}: vanta-audit ${args.join(' ')}: ${out}${err}`)
    return out
  }

  log(from: number, to: number): void {
    const records = Array.from({ length: to - from }, (_, i) => recordOf(from + i))
    this.ok(['append'], records.map((record) => `${lineOf(record)}\n`).join(''))
  }

  /** The folder that its log is published in. */
  get published(): string {
    const tlog = join(this.home, 'logs', 'tlog')
    return join(tlog, readdirSync(tlog)[0] ?? '')
  }
}

const fileOf = (name: string, content: string): string => {
  writeFileSync(join(room, name), content)
  return join(room, name)
}

test('three nodes cosign one another; a record is proved offline; a rewritten past finds no witness', () => {
  const [alpha, markets, executor] = ['alpha', 'markets', 'executor'].map((name) => new NodeHome(name)) as [NodeHome, NodeHome, NodeHome]
  const nodes = [alpha, markets, executor]
  nodes.forEach((node, i) => node.log(i * 1000, i * 1000 + 300))
  const lines = nodes.map((node) => node.ok(['key', `${node.name}.example`])).join('')
  assert.match(lines, /^(log vanta\/audit\/[0-9a-f]{16}\+[0-9a-f]{8}\+\S+\nwitness [a-z]+\.example [a-z.]+\+[0-9a-f]{8}\+\S+\n){3}$/)
  const policy = `${lines}group nodes 2 alpha.example markets.example executor.example\nquorum nodes\n`
  for (const { home } of nodes) writeFileSync(join(home, 'audit.policy'), policy)
  assert.equal(statSync(join(alpha.home, 'secrets', 'node_alpha.example.key')).mode & 0o777, 0o600)

  // The first checkpoint, as a file with its tiles and through a pipe.
  const cp = fileOf('cp', alpha.ok(['checkpoint']))
  const id = recordOf(17).id
  const lonely = fileOf('lonely.tlog-proof', alpha.ok(['prove', id]))
  const unmet = alpha.run(['verify', '--proof', lonely])
  assert.deepEqual([unmet.status, unmet.out], [1, "NOT PROVED: the policy's quorum is not met: cosigned by no witness that the policy knows\n"])
  const byMarkets = fileOf('markets.sig', markets.ok(['witness', alpha.published]))
  const byExecutor = fileOf('executor.sig', executor.ok(['witness', '-'], alpha.ok(['checkpoint', '--since', '0'])))
  assert.match(byMarkets, /markets\.sig$/)
  const cosigned = alpha.ok(['checkpoint', byMarkets, byExecutor])
  assert.equal(cosigned.split('\n').filter((line) => line.startsWith('\u2014 ')).length, 3)
  assert.equal(alpha.ok(['checkpoint']), cosigned, 'a log that has not grown keeps its cosignatures')

  // Proved on another machine, where there is the policy and nothing else.
  const proof = fileOf('p.tlog-proof', alpha.ok(['prove', id.slice(0, 12)]))
  const elsewhere = new NodeHome('elsewhere')
  const policyFile = fileOf('policy', policy)
  const proved = elsewhere.ok(['verify', '--proof', proof, '--policy', policyFile])
  assert.match(proved, new RegExp(`^proved: control ${id} is line 19 of 301 of vanta/audit/\\w+, signed by it, cosigned by markets.example at .*, cosigned by executor.example at .*\n$`))
  const line = fileOf('record', `${lineOf(recordOf(17))}\n`), other = fileOf('other', `${lineOf(recordOf(18))}\n`)
  elsewhere.ok(['verify', '--proof', proof, '--policy', policyFile, '--record', line])
  assert.equal(elsewhere.run(['verify', '--proof', proof, '--policy', policyFile, '--record', other]).status, 1)
  assert.equal(elsewhere.run(['verify', '--proof', proof]).status, 78, 'whose signatures count must be said')
  const forged = readFileSync(proof, 'utf8').replace('index 18', 'index 17')
  assert.match(elsewhere.run(['verify', '--proof', '-', '--policy', policyFile], forged).out, /^NOT PROVED: control .* does not lead to the root/)

  // The log grows; the witness is shown how, and the old checkpoint is the beginning of the new.
  // 600 records, and one that says that a second run began.
  alpha.log(300, 900)
  assert.equal(alpha.run(['prove', recordOf(899).id]).status, 1)
  const request = fileOf('request', alpha.ok(['checkpoint', '--since', cp]))
  alpha.ok(['checkpoint', fileOf('markets2.sig', markets.ok(['witness', request]))])
  assert.match(alpha.ok(['verify', '--since', cp]), /^intact: 902 lines.*\nconsistent: the 301 lines of .* are the first of 902\n$/)
  const stale = markets.run(['witness', cp])
  assert.equal(stale.status, 77)
  assert.match(stale.err, /offers 301 lines, and 902 were cosigned before: its end was cut off, or the checkpoint is old/)
  assert.equal(executor.run(['witness', alpha.ok(['checkpoint']) && fileOf('bare', alpha.ok(['checkpoint']))]).status, 65, 'without a proof there is nothing to weigh')

  // Alpha rewrites its past: the same first line, other records after it, all of it signed with the right key.
  const rewritten = new NodeHome('rewritten')
  cpSync(alpha.home, rewritten.home, { recursive: true })
  rmSync(join(rewritten.home, 'logs'), { recursive: true })
  const [genesis = ''] = readFileSync(join(alpha.home, 'logs', 'audit.jsonl'), 'utf8').split('\n')
  const first = genesisOfLine(genesis)
  assert.ok(first !== undefined)
  const forging = opened(openAuditLog({ folder: fileLogs(join(rewritten.home, 'logs')), genesis: first }))
  for (let n = 5000; n < 5950; n++) forging.append(lineOf(recordOf(n)), recordOf(n).id)
  forging.close()
  assert.equal(readFileSync(join(rewritten.home, 'logs', 'audit.jsonl'), 'utf8').split('\n')[0], genesis)
  rewritten.ok(['checkpoint'])
  const refused = markets.run(['witness', rewritten.published])
  assert.equal(refused.status, 77)
  assert.match(refused.err, /REWRITTEN PAST: the first 902 of the 951 lines of vanta\/audit\/\w+ are not the ones that were cosigned before/)
  assert.equal(refused.out, '')
  const evidence = readFileSync(join(markets.home, 'logs', 'witness_refused.ndjson'), 'utf8').trim().split('\n').map((text) => JSON.parse(text) as { refused: string })
  assert.deepEqual(evidence.map(({ refused: kind }) => kind), ['stale', 'rewritten'])
  const told = rewritten.run(['verify', '--since', cp])
  assert.deepEqual([told.status, told.out], [1, `NOT INTACT: the log's first 301 lines are not those of ${cp}: its past was rewritten\n`])

  // Nor does alpha itself sign another history than it signed before.
  cpSync(join(rewritten.home, 'logs'), join(alpha.home, 'logs'), { recursive: true, filter: (path) => !path.includes('tlog') })
  const own = alpha.run(['checkpoint'])
  assert.match(own.err, /tiles do not lead to the root|its past was rewritten/)
  assert.notEqual(own.status, 0)
  assert.match(alpha.run(['verify']).out, /^NOT INTACT: the log's first 902 lines are not those of tlog\/\w+\/checkpoint: its past was rewritten\n$/)
})
