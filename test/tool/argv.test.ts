import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collector, filter } from '#tool'
import { parseArgv } from '#tool/argv'
import { completionOf } from '#tool/completion'
import { helpOf } from '#tool/help'
import { manOf } from '#tool/man'
import { splitWords } from '#tool/pipeline'

const tool = filter({
  name: 'vanta-sample',
  summary: 'A sample.',
  options: {
    halfLife: { kind: 'duration', default: '6h', help: 'time to halve' },
    top: { kind: 'integer', help: 'how many' },
    tickers: { kind: 'list', help: 'which' },
    dry: { kind: 'flag', help: 'no effect' },
    mode: { kind: 'choice', choices: ['a', 'b'], default: 'a', help: 'which way' },
  },
  reads: ['signal'],
  examples: ['vanta-sample'],
  open: () => ({ each: (record, emit) => emit(record) }),
})
const values = async (words: string[], environment = {}, config = {}) => (await parseArgv(tool, words, environment, config)).values

test('a flag beats the environment, which beats the config file, which beats the default', async () => {
  const environment = { VANTA_SAMPLE_HALF_LIFE: '2h' }
  const config = { sample: { 'half-life': '3h' }, all: { 'half-life': '4h', seed: '9' } }
  assert.equal((await values(['--half-life', '1h'], environment, config))['halfLife'], 3_600_000)
  assert.equal((await values([], environment, config))['halfLife'], 2 * 3_600_000)
  assert.equal((await values([], {}, config))['halfLife'], 3 * 3_600_000)
  assert.equal((await values([]))['halfLife'], 6 * 3_600_000)
  assert.equal((await values([], {}, config))['seed'], '9')
})

test('what is not given is absent, a flag is false, a list may be typed twice', async () => {
  assert.equal((await values([]))['top'], undefined)
  assert.equal((await values([]))['dry'], false)
  assert.equal((await values(['--dry']))['dry'], true)
  assert.deepEqual((await values(['--tickers', 'A,B', '--tickers', 'C']))['tickers'], ['A', 'B', 'C'])
  assert.deepEqual((await parseArgv(tool, ['--', '--dry', 'x'], {}, {})).operands, ['--dry', 'x'])
  assert.deepEqual((await parseArgv(tool, ['-'], {}, {})).operands, ['-'])
})

test('a list that goes on takes the words after it whole, where it is typed; elsewhere a collector takes none', async () => {
  const reads = collector({
    name: 'vanta-reads', summary: 'Reads.', examples: ['vanta-reads'], options: { from: { kind: 'list', goesOn: true, help: 'which' }, all: { kind: 'flag', help: 'no effect' } },
    collect: () => [],
  })
  const of = async (...words: string[]): Promise<unknown> => (await parseArgv(reads, words, {}, {})).values['from']
  assert.deepEqual(await of('--from', 'a', 'b', 'c,d'), ['a', 'b', 'c,d'])
  assert.deepEqual(await of('--from', 'a,b', '--all', 'c'), ['a', 'b', 'c'])
  await assert.rejects(of('a'), { exit: 'usage', message: /unexpected word "a"/ })
  await assert.rejects(() => parseArgv(reads, ['a'], { VANTA_READS_FROM: 'x' }, {}), { exit: 'usage' })
  assert.ok(helpOf(reads).includes('vanta-reads [OPTIONS] [--from FILE...]'))
})

test('wrong words are a usage error that names the place', async () => {
  const wrong = [
    [['--half-life', 'soon'], /--half-life: expected a duration.*"soon"/], [['--top', '1.5'], /whole number/], [['--mode', 'c'], /one of a, b/],
    [['--unknown'], /unknown option/], [['--half'], /unknown option/], [['--top'], /argument missing/],
  ] as const
  for (const [words, message] of wrong) await assert.rejects(() => parseArgv(tool, words, {}, {}), { exit: 'usage', message })
  await assert.rejects(() => values([], { VANTA_SAMPLE_TOP: 'x' }), { exit: 'usage', message: /VANTA_SAMPLE_TOP/ })
  await assert.rejects(() => values([], {}, { sample: { top: 'x' } }), { exit: 'config', message: /config: sample.top/ })
})

test('help, man page and completions know every option', () => {
  const texts = [helpOf(tool), manOf(tool, '1').replaceAll('\\-', '-'), ...(['bash', 'zsh', 'fish'] as const).map((shell) => completionOf([tool], shell).replaceAll('-l ', '--'))]
  for (const text of texts) for (const flag of ['--half-life', '--top', '--tickers', '--dry', '--mode', '--on-error', '--seed']) assert.ok(text.includes(flag), flag)
  const help = helpOf(tool)
  assert.ok(help.indexOf('Examples') < help.indexOf('Options') && help.indexOf('Options') < help.indexOf('Exit status'))
})

test('the words of a pipeline line are those a shell would see', () => {
  assert.deepEqual(splitWords(`vanta-x --a 'b c'  --d="e f" # not this`, 'p:1'), ['vanta-x', '--a', 'b c', '--d=e f'])
  assert.deepEqual(splitWords('   # only a comment', 'p:1'), [])
  assert.deepEqual(splitWords('a#b', 'p:1'), ['a#b'])
  assert.throws(() => splitWords(`a "b`, 'p:7'), { exit: 'config', message: /p:7/ })
})
