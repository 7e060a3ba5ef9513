/** Other people's programs accept our journals, and their sums are ours. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { dayOf } from '#record'
import { formatFixed } from '#domain/money/decimal'
import { beancountLines } from '#domain/money/export/beancount'
import { hledgerLines } from '#domain/money/export/hledger'
import { commodityOf, hledgerAccount, beancountAccount } from '#domain/money/export/names'
import { tableLines } from '#domain/money/export/table'
import type { Exported } from '#domain/money/export/walk'
import { formatCents, fixedOf } from '#domain/money/money'
import { needed } from '../../needed.ts'
import { histories, played, SUBJECTS } from './histories.ts'

const scratch = mkdtempSync(join(tmpdir(), 'vanta-export-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

const run = (command: string, args: readonly string[], input = ''): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', input })
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}\n${input.slice(0, 4000)}`)
  return stdout
}
const text = (lines: Iterable<string>): string => [...lines].map((line) => `${line}\n`).join('')
const exportedOf = (entries: Exported['entries'], more: Partial<Exported> = {}): Exported =>
  ({ vault: 'core', currency: 'USD', entries, quotes: SUBJECTS.map((subject) => ({ day: '2021-03-01', subject, price: '12.5' })), ...more })

/** `account,"amount"` lines of hledger's CSV. */
function balancesOf(csv: string): Map<string, string> {
  return new Map(csv.trim().split('\n').slice(1).map((line): [string, string] => {
    const [, account = '', amount = ''] = /^"([^"]*)","(.*)"$/.exec(line) ?? []
    return [account, amount.replace(/""/g, '"')]
  }))
}
const amountIn = (amount: string): bigint => fixedOf(/-?[\d.]+/.exec(amount)?.[0].replace(/\.$/, '') ?? '0')

test('hledger accepts every journal, strictly, and its balances are ours', { skip: needed('hledger') }, () => {
  fc.assert(fc.property(histories, (history) => {
    const { book, entries } = played(history)
    const journal = text(hledgerLines(exportedOf(entries)))
    run('hledger', ['-f', '-', 'check', '--strict', 'accounts', 'commodities', 'ordereddates', 'parseable'], journal)
    const costs = balancesOf(run('hledger', ['-f', '-', 'balance', '--flat', '--no-total', '--cost', '--empty', '-O', 'csv'], journal))
    const units = balancesOf(run('hledger', ['-f', '-', 'balance', '--flat', '--no-total', '--empty', '-O', 'csv'], journal))
    for (const [account, cents] of book.ledger.balances()) assert.equal(formatCents(amountIn(costs.get(hledgerAccount(account)) ?? '0') / 1_000_000n), formatCents(cents), account)
    const assets = [...costs].filter(([account]) => /^(assets|liabilities):/.test(account)).reduce((sum, [, amount]) => sum + amountIn(amount), 0n)
    assert.equal(assets / 1_000_000n, book.ledger.equityAtCost)
    for (const subject of book.ledger.subjects()) {
      assert.equal(formatFixed(amountIn((units.get(hledgerAccount(`assets:position:${subject}`)) ?? '').replace(/"[^"]*"/, ''))), formatFixed(book.ledger.quantity(subject)), subject)
    }
  }), { numRuns: 25 })
})

test('from any day on, with what was before as opening balances', { skip: needed('hledger') }, () => {
  fc.assert(fc.property(histories, fc.nat(), (history, pick) => {
    const { book, entries } = played(history)
    const since = dayOf(entries[pick % entries.length]?.at ?? '')
    const journal = text(hledgerLines(exportedOf(entries, { since })))
    run('hledger', ['-f', '-', 'check', '--strict'], journal)
    const costs = balancesOf(run('hledger', ['-f', '-', 'balance', '--flat', '--no-total', '--cost', '--empty', '-O', 'csv'], journal))
    for (const [account, cents] of book.ledger.balances()) assert.equal(amountIn(costs.get(hledgerAccount(account)) ?? '0') / 1_000_000n, cents, account)
  }), { numRuns: 10 })
})

test('bean-check accepts every journal', { skip: needed('bean-check') }, () => {
  const file = join(scratch, 'core.beancount')
  fc.assert(fc.property(histories, fc.boolean(), fc.nat(), (history, whole, pick) => {
    const { entries } = played(history)
    const since = whole ? undefined : dayOf(entries[pick % entries.length]?.at ?? '')
    writeFileSync(file, text(beancountLines(exportedOf(entries, { since }))))
    run('bean-check', [file])
  }), { numRuns: 12 })
})

test('an altered amount is refused by both', { skip: needed('hledger') ?? needed('bean-check') }, () => {
  const step = { do: 'trade' as const, side: 'buy' as const, subject: 'ticker:GME', quantity: 300_000_000n, price: 1_111_111_111n, fee: 5n }
  const { entries } = played({ method: 'fifo', steps: [{ step, hours: 1 }] })
  const journal = text(hledgerLines(exportedOf(entries)))
  assert.notEqual(spawnSync('hledger', ['-f', '-', 'check'], { input: journal.replace('33.34', '33.35') }).status, 0)
  assert.notEqual(spawnSync('hledger', ['-f', '-', 'check'], { input: journal.replace('= 3 GME', '= 4 GME') }).status, 0)
  const file = join(scratch, 'bad.beancount'), lines = text(beancountLines(exportedOf(entries)))
  writeFileSync(file, lines.replace('33.34', '33.36'))
  assert.notEqual(spawnSync('bean-check', [file]).status, 0)
})

test('no two subjects or accounts go by one name', () => {
  const subjects = fc.tuple(fc.constantFrom('ticker', 'coin', 'pair', 'x1'), fc.string({ minLength: 1, maxLength: 30 })).map(([space, name]) => `${space}:${name}`)
  const special = fc.constantFrom('ticker:USD', 'ticker:COIN.BTC', 'coin:BTC', 'ticker:F', 'ticker:TICKER.F', 'ticker:brk.b', 'ticker:BRK.B', 'ticker:BRK-B')
  fc.assert(fc.property(fc.oneof(subjects, special), fc.oneof(subjects, special), (a, b) => {
    for (const subject of [a, b]) assert.match(commodityOf(subject, 'USD'), /^[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]$/)
    if (a === b) return
    assert.notEqual(commodityOf(a, 'USD'), commodityOf(b, 'USD'))
    assert.notEqual(hledgerAccount(`assets:position:${a}`), hledgerAccount(`assets:position:${b}`))
    assert.notEqual(beancountAccount(`assets:position:${a}`), beancountAccount(`assets:position:${b}`))
  }))
})

test('a table says every posting', () => {
  const { entries } = played({ method: 'fifo', steps: [] })
  assert.deepEqual([...tableLines(exportedOf(entries))], [
    'day         no  what  account            amount  quantity',
    '2021-01-04   1  open  assets:cash      50000.00',
    '2021-01-04            equity:capital  -50000.00',
  ])
})
