// Forms 4 a second on one core: submissions in memory to records, beside a DOM of the same XML in Node and in Python.
//   node bench/form4.mjs              BENCH_ROUNDS=1 for a quick look; VANTA_SHARED: recorded filings instead of one made up
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { compare, has, machine, ms, once, root, scratch, table, thousands, times, verdict } from './measure.mjs'

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const FORMS = 1000
const TARGET = 200

const bundle = join(scratch, 'form4_feed.mjs')
await build({
  entryPoints: [join(root, 'bench', 'form4_feed.ts')], outfile: bundle, bundle: true, platform: 'node', target: 'node20', format: 'esm',
  minifySyntax: true, logLevel: 'warning', banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
})

/** Recorded ownership documents where there are any, else the one of the test cases, each in a submission. */
const recorded = join(process.env.VANTA_SHARED ?? join(root, '..', 'shared'), 'fixtures', 'sec', 'ownership')
const documents = existsSync(recorded)
  ? readdirSync(recorded).filter((name) => /^form4_.*\.xml$/.test(name)).map((name) => readFileSync(join(recorded, name), 'utf8'))
  : [/<XML>\n([^]*?)\n<\/XML>/.exec(readFileSync(join(root, 'test/cases/vanta-sec/0001-form-4/form4.txt'), 'utf8'))[1]]
const folder = join(scratch, 'forms')
mkdirSync(folder)
const names = Array.from({ length: FORMS }, (_, i) => `${String(i).padStart(4, '0')}.txt`)
let bytes = 0
for (const [i, name] of names.entries()) {
  const text = `<SEC-DOCUMENT>x.txt : 20260701\n<SEC-HEADER>x.hdr.sgml : 20260701\n<ACCEPTANCE-DATETIME>20260701160730
ACCESSION NUMBER:\t\t0000000042-26-${String(i).padStart(6, '0')}\nCONFORMED SUBMISSION TYPE:\t4\nFILED AS OF DATE:\t\t20260701\n</SEC-HEADER>
<DOCUMENT>\n<TYPE>4\n<SEQUENCE>1\n<FILENAME>form4.xml\n<TEXT>\n<XML>\n${documents[i % documents.length].trim()}\n</XML>\n</TEXT>\n</DOCUMENT>\n</SEC-DOCUMENT>\n`
  bytes += text.length
  writeFileSync(join(folder, name), text)
}

const json = ({ status, stdout, stderr }) => {
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}
/** The XML of each submission to a tree, and its transactions out of it; no records, no ids, no checks. */
const inNode = `
const { readdirSync, readFileSync } = require('node:fs'), { parseDocument, DomUtils } = require('htmlparser2')
const texts = readdirSync(process.argv[1]).sort().map((name) => readFileSync(process.argv[1] + '/' + name, 'utf8'))
const pass = () => {
  const cpu = process.cpuUsage()
  for (const text of texts) {
    const dom = parseDocument(text.slice(text.indexOf('<XML>') + 5, text.indexOf('</XML>')), { xmlMode: true })
    const said = DomUtils.findAll(({ name }) => name === 'nonDerivativeTransaction' || name === 'derivativeTransaction', dom.children)
      .map((trade) => ['transactionCode', 'transactionShares', 'transactionPricePerShare', 'transactionDate'].map((field) =>
        DomUtils.textContent(DomUtils.findOne(({ name }) => name === field, trade.children) ?? []).trim()))
    JSON.stringify(said)
  }
  const { user, system } = process.cpuUsage(cpu)
  return (user + system) / 1000
}
const cpuMs = pass()
console.log(JSON.stringify({ cpuMs, warmMs: Math.min(pass(), pass(), pass()) }))`
const inPython = `
import glob, json, sys, time
import xml.etree.ElementTree as tree
def text_of(element):
    return '' if element is None else ''.join(element.itertext()).strip()
texts = [open(path, encoding='utf-8').read() for path in sorted(glob.glob(sys.argv[1] + '/*'))]
def each():
    start = time.process_time()
    for text in texts:
        root = tree.fromstring(text[text.index('<XML>') + 5 : text.index('</XML>')].strip())
        said = [[text_of(trade.find('.//' + field)) for field in ('transactionCode', 'transactionShares', 'transactionPricePerShare', 'transactionDate')]
                for trade in root.iter() if trade.tag in ('nonDerivativeTransaction', 'derivativeTransaction')]
        json.dumps(said)
    return (time.process_time() - start) * 1000
first = each()
print(json.dumps({'cpuMs': first, 'warmMs': min(each() for _ in range(3))}))`
const python = join(scratch, 'form4.py')
writeFileSync(python, inPython)

const options = { encoding: 'utf8', cwd: root }
const results = compare([
  { name: 'vanta-sec: bytes to records with ids, as lines', run: () => json(spawnSync(process.execPath, [bundle, folder], options)) },
  { name: 'htmlparser2 DOM, transactions only', run: () => json(spawnSync(process.execPath, ['-e', inNode, folder], options)) },
  ...has('python3') ? [{ name: 'Python ElementTree, transactions only', run: () => json(spawnSync('python3', [python, folder], options)) }] : [],
], ROUNDS)
const program = compare([{ name: 'program', run: () => once(`cd ${folder} && vanta-sec --keep no --from ${names.join(',')}`, { lines: true }) }], ROUNDS)[0]
if (program.lines !== FORMS) throw new Error(`${program.lines} records of ${FORMS} forms`)

const rate = (cpuMs) => FORMS / (cpuMs / 1000)
console.log(`Forms 4: ${machine()}; ${FORMS} submissions, ${(bytes / FORMS / 1000).toFixed(1)} kB each (${documents.length} different); least of ${ROUNDS} runs\n`)
const [ours] = results
table(['', 'first pass, CPU ms', 'warm, CPU ms', 'Forms 4/CPU s, first', 'warm', 'MB/s, warm', 'x ours, warm'], results.map(({ name, cpuMs, warmMs }) => [
  name, ms(cpuMs), ms(warmMs), thousands(rate(cpuMs)), thousands(rate(warmMs)), (bytes / 1e3 / warmMs).toFixed(1), times(ours.warmMs / warmMs),
]))
console.log(`\nthe whole program, start-up, files and output included: ${thousands(rate(program.cpuMs))} Forms 4/CPU s`)
console.log(`>= ${TARGET} Forms 4 a second on one core: ${verdict(rate(program.cpuMs) >= TARGET)}`)
