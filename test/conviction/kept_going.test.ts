/** What concludes, kept going on a stream and killed between parts of what it hears: what it says in all is what one run says. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { killedWhenDone, partsOf, settings, shell } from '../service/kept.ts'
import { recordsIn, startTool } from '../service/process.ts'

const scratch = mkdtempSync(join(tmpdir(), 'vanta-kept-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const CONCLUDED: ReadonlySet<string> = new Set(['belief', 'conviction', 'ranking', 'risk', 'outcome'])
const idsIn = (out: string): readonly string[] => recordsIn(out).filter(({ kind }) => CONCLUDED.has(kind)).map(({ kind, id }) => `${kind} ${id}`).sort()

test('killed between what they hear and begun again, synthesis, ranking, risk and tracking go on as if nothing had been', { timeout: 300_000 }, async () => {
  const home = join(scratch, 'streams'), other = join(scratch, 'pipes')
  const heard = shell('vanta-replay --data samples/season --from 2021-01-04 --to 2021-01-09 | vanta-normalize | vanta-dedup | vanta-decay', join(scratch, 'reason'))
    .split('\n').filter((line) => line !== '')
  const expected = idsIn(shell('vanta fuse --pipeline pipelines/convict.pipe', other, `${heard.join('\n')}\n`))
  for (const kind of CONCLUDED) assert.ok(kind === 'belief' || expected.some((one) => one.startsWith(`${kind} `)), kind)

  const words = ['fuse', '--pipeline', 'pipelines/convict.pipe', '--warm-up', '45d', '--in', 'file:readings', '--group', 'c', '--out', 'file:convictions']
  for (const part of partsOf(heard, 4)) {
    shell('vanta-beam --to file:readings', home, part)
    await killedWhenDone(home, { readings: 'c' }, [startTool('vanta', words, settings(home))])
  }
  // What a run says only at the end of its input is said in a last one, over nothing.
  shell(`vanta ${words.join(' ')} --once`, home)
  assert.deepEqual(idsIn(readFileSync(join(home, 'bus', 'convictions.ndjson'), 'utf8')), expected)
  const logged = (of: string): readonly string[] => [...new Set(idsIn(readFileSync(join(of, 'logs', 'audit.jsonl'), 'utf8')))]
  assert.deepEqual(logged(home), logged(other))
  assert.match(shell('vanta-audit replay --all', home), /\nidentical: |^identical: /)
})
