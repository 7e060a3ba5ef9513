/** Allocator and executor kept going on streams of the home, and killed between parts of what they hear: what they come to is what one run through pipes comes to. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { killedWhenDone, partsOf, settings, shell } from '../service/kept.ts'
import { recordsIn, startTool } from '../service/process.ts'

const scratch = mkdtempSync(join(tmpdir(), 'vanta-kept-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

/** Ids by kind, each once: what was told again is the same. */
function idsIn(out: string): { readonly [kind: string]: readonly string[] } {
  const records = recordsIn(out), of = (kind: string): string[] => [...new Set(records.filter((one) => one.kind === kind).map(({ id }) => id))].sort()
  return { allocation: of('allocation'), order: of('order'), fill: of('fill'), entry: of('entry'), refusal: of('refusal') }
}

test('what is refused under the switch is refused for good, and not heard again', { timeout: 60_000 }, async () => {
  const home = join(scratch, 'halted')
  shell('vanta-vault init core --cash 100000 --now 2020-12-01 && vanta-overlay kill --reason drill', home)
  const reason = 'vanta-normalize | vanta-dedup | vanta-decay | vanta-synthesize --every 1h --min-log-odds 0.04 | vanta-rerank --top 50'
  const allocated = shell(`vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-06 | ${reason} | vanta-vault allocate --priced`, home)
  shell('vanta-beam --to file:allocations', home, allocated)
  const trade = 'vanta-exec --in file:allocations --group e --once --out file:fills'
  shell(`${trade}; test $? = 77`, home)
  const refused = idsIn(readFileSync(join(home, 'bus', 'fills.ndjson'), 'utf8'))['refusal'] ?? []
  assert.ok(refused.length > 0)
  shell(`vanta-overlay revive --reason over && ${trade}`, home)
  const after = idsIn(readFileSync(join(home, 'bus', 'fills.ndjson'), 'utf8'))
  assert.deepEqual([after['refusal'], after['order']], [refused, []])
})

test('killed between what they hear, they lose nothing of it', { timeout: 300_000 }, async () => {
  const home = join(scratch, 'streams'), other = join(scratch, 'pipes')
  shell('vanta-vault init core --cash 100000 --now 2020-12-01', home)
  cpSync(home, other, { recursive: true })
  const reason = 'vanta-normalize | vanta-dedup | vanta-decay | vanta-synthesize --every 1h --min-log-odds 0.04 | vanta-rerank --top 50'
  const heard = shell(`vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-06 | ${reason}`, join(scratch, 'reason'))
    .split('\n').filter((line) => /^\{"kind":"(conviction|ranking|bar|price|control)"/.test(line))
  const { refusal: _, ...expected } = idsIn(shell('vanta-vault allocate --priced | vanta-exec', other, `${heard.join('\n')}\n`))
  assert.ok((expected['fill']?.length ?? 0) > 0 && (expected['allocation']?.length ?? 0) > 1)

  const env = settings(home)
  const begin = () => [
    startTool('vanta-vault', ['allocate', '--priced', '--in', 'file:convictions', '--group', 'a', '--out', 'file:allocations'], env),
    startTool('vanta-exec', ['--in', 'file:allocations', '--group', 'e', '--out', 'file:fills'], env),
  ]
  for (const part of partsOf(heard, 5)) {
    shell('vanta-beam --to file:convictions', home, part)
    // The allocator first: what it makes is what the executor is to have done with.
    await killedWhenDone(home, { convictions: 'a', allocations: 'e' }, begin())
  }
  // What a run says only at the end of its input is said in a last one, over nothing.
  shell('vanta-vault allocate --priced --in file:convictions --group a --once --out file:allocations', home)
  shell('vanta-exec --in file:allocations --group e --once --out file:fills', home)
  const { refusal: __, ...found } = idsIn(readFileSync(join(home, 'bus', 'fills.ndjson'), 'utf8'))
  assert.deepEqual(found, expected)
})
