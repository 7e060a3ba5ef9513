/** What says that filings were made, or what others drew from them: indexes, submissions, listings, pages, screens, disclosures. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { rangeOf } from '#wire/sec/disclosures'
import { sharedFolder } from '../collect/payload_world.ts'
import { submissionText } from './filings.ts'
import { NOW, readAll, recorded, rejectOf, signalOf, signalsOf } from './sec_reading.ts'

const A = '0000000007-21-000001', B = '0000000007-21-000002'

describe('index files', () => {
  const TITLES = 'Form Type   Company Name                    CIK         Date Filed  File Name\n' + '-'.repeat(90) + '\n'
  const row = (form: string, name: string, cik: number, accession: string): string =>
    `${form.padEnd(12)}${name.padEnd(31)} ${String(cik).padEnd(12)}2021-01-15  edgar/data/${cik}/${accession}.txt\n`
  test('each filing once, with all its parties; known by the end of its day, whenever it was read', () => {
    const index = `Description: Daily Index\n\n${TITLES}${row('4', 'EXAMPLE CO', 42, A)}${row('4', 'DOE J', 7, A)}${row('4/A', 'A NAME THAT IS LONGER THAN ITS COLUMN', 7, B)}${row('424B2', 'BANK', 43, B)}`
    const { signals, rejects } = readAll([index])
    assert.deepEqual(signals.map(({ key, type, known_at }) => [key, type, known_at]), [[A, 'filing', '2021-01-16T03:00:00.000Z'], [B, 'filing', '2021-01-16T03:00:00.000Z']])
    assert.deepEqual(signals.map(({ facts }) => facts?.['parties']), [
      [{ name: 'DOE J', cik: '0000000007' }, { name: 'EXAMPLE CO', cik: '0000000042' }], [{ name: 'A NAME THAT IS LONGER THAN ITS COLUMN', cik: '0000000007' }],
    ])
    assert.deepEqual(rejects.map((reject) => reject.slice(-40)), ['not read here (only 3, 4, 5 and 13F are)'])
    assert.deepEqual(readAll([index], { now: '2021-01-17T20:00:00.000Z' }).signals, signals)
  })
  test('between bars, or with the company first', () => {
    const master = `CIK|Company Name|Form Type|Date Filed|Filename\n${'-'.repeat(60)}\n42|EXAMPLE CO|13F-HR|20210115|edgar/data/42/${A}.txt\nx|y|z\n`
    const { signals, rejects } = readAll([master])
    assert.deepEqual(signals[0]?.facts, { accession: A, document_type: '13F-HR', filed: '2021-01-15', parties: [{ name: 'EXAMPLE CO', cik: '0000000042' }] })
    assert.match(rejects.join(), /row 4: no form, company/)
    const company = `Company Name        Form Type   CIK         Date Filed  File Name\n${'-'.repeat(60)}\n` +
      `EXAMPLE CO          13F-HR/A    42          2021-01-15  edgar/data/42/${A}.txt\nA VERY LONG COMPANY NAME  4  42          2021-01-15  edgar/data/42/${B}.txt\n`
    assert.deepEqual(signalsOf(company).map(({ facts }) => facts?.['document_type']), ['13F-HR/A', '4'])
  })
  test('an empty one says so', () => assert.match(rejectOf(TITLES), /nothing was filed/))
})

describe('lists of submissions', () => {
  const list = (rows: readonly (readonly [form: string, filed: string, accepted: string])[], more = ''): string => JSON.stringify({
    accessionNumber: rows.map((_, i) => `0000000007-21-00000${i}`), form: rows.map(([form]) => form),
    filingDate: rows.map(([, filed]) => filed), acceptanceDateTime: rows.map(([,, accepted]) => accepted), reportDate: rows.map(() => '2021-01-13'),
  }).replace(/^/, more === '' ? '' : `{${more},"filings":{"files":[],"recent":`).replace(/$/, more === '' ? '' : '}}')
  const known = (...rows: readonly (readonly [string, string])[]): string[] =>
    signalsOf(list(rows.map(([filed, accepted]) => ['4', filed, accepted]))).map(({ known_at }) => known_at)

  test('the moment of acceptance is read on the clock that was meant', () => {
    assert.deepEqual(known(['2021-01-15', '2021-01-15T18:34:19.000Z'], ['2021-01-14', '2021-01-14T08:00:00.000Z']),
      ['2021-01-14T13:00:00.000Z', '2021-01-15T23:34:19.000Z'], 'New York: EDGAR sleeps at 08:00 UTC')
    assert.deepEqual(known(['2021-01-15', '2021-01-15T18:34:19.000Z'], ['2021-01-14', '2021-01-15T00:30:00.000Z']),
      ['2021-01-15T00:30:00.000Z', '2021-01-15T18:34:19.000Z'], 'UTC: after the filing day')
    assert.deepEqual(known(['2021-01-15', '2021-01-15T18:34:19.000Z']), ['2021-01-15T23:34:19.000Z'], 'the later reading where nothing tells')
    assert.deepEqual(known(['2021-01-15', '2021-01-15T00:00:00.000Z']), ['2021-01-16T03:00:00.000Z'], 'the end of the day where no time is stated')
  })
  test('the company is the subject, the insider the author, where the list says which it is', () => {
    const flags = (owner: number, issuer: number): string => `"cik":42,"name":"Example Co","insiderTransactionForOwnerExists":${owner},"insiderTransactionForIssuerExists":${issuer}`
    const one = (owner: number, issuer: number, form = '4'): unknown[] => {
      const { subject, author } = signalOf(list([[form, '2021-01-15', '2021-01-15T18:34:19.000Z']], flags(owner, issuer)))
      return [subject, author]
    }
    assert.deepEqual([one(0, 1), one(1, 0), one(1, 1)], [['cik:0000000042', undefined], [undefined, 'sec:0000000042'], [undefined, undefined]])
    assert.deepEqual(one(1, 1, '13F-HR'), [undefined, 'sec:0000000042'])
  })
  test('without filings, or with columns that do not match', () => {
    assert.match(rejectOf(list([])), /no filings/)
    assert.throws(() => readAll(['{"accessionNumber":["a","b"],"form":["4"]}']), /columns of different length/)
  })
})

describe('headers and index pages', () => {
  const header = submissionText([['4', '']]).split('<DOCUMENT>')[0] ?? ''
  const parties = '\nREPORTING-OWNER:\n\tCOMPANY CONFORMED NAME:\t\tDoe J\n\tCENTRAL INDEX KEY:\t\t7\nISSUER:\n\tCOMPANY CONFORMED NAME:\tExample Co\n\tCENTRAL INDEX KEY:\t42\n</SEC-HEADER>'
  test('a header alone gives word of the filing', () => {
    const signal = signalOf(header.replace('</SEC-HEADER>', parties))
    assert.deepEqual([signal.type, signal.known_at, signal.subject, signal.author], ['filing', '2021-01-15T21:07:30.000Z', 'cik:0000000042', 'sec:0000000007'])
    const page = signalOf(`<HTML><HEAD><TITLE>SEC EDGAR Submission</TITLE>\n<!--\n${header.slice(header.indexOf('<SEC-HEADER>')).replace('</SEC-HEADER>', parties)}\n--></HEAD></HTML>`)
    assert.equal(page.id, signal.id)
  })
  test('pages of the SEC without filings say so, others are refused', () => {
    assert.match(rejectOf('<!DOCTYPE html><html><title>SEC.gov | File Unavailable</title>'), /past the end/)
    assert.throws(() => readAll(['<html><title>Request Rate Threshold Exceeded</title>']), /an HTML page \(Request Rate Threshold Exceeded\)/)
    assert.match(rejectOf('{"directory":{"item":[{"name":"a.xml"}]}}'), /a list of files/)
  })
})

describe('disclosures', () => {
  const trade = { ReportDate: '2021-12-07', TransactionDate: '2021-11-23', Ticker: 'BRK.B', Representative: ' Doe  J', Transaction: 'Sale', Amount: 1001.0, House: 'Senate', Range: '$1,001 - $15,000' }
  test('a trade of Congress is known from the end of the day it was reported', () => {
    const signal = signalOf(JSON.stringify([trade]))
    assert.deepEqual([signal.type, signal.at, signal.known_at, signal.subject, signal.author],
      ['congress_trade', '2021-11-23T21:00:00.000Z', '2021-12-08T04:59:59.000Z', 'ticker:BRK.B', 'quiver:Doe J'])
    assert.deepEqual([signal.facts?.['amount_min'], signal.facts?.['amount_max'], signal.facts?.['transaction']], ['1001', '15000', 'sale'])
    assert.match(readAll([JSON.stringify([trade, trade])]).rejects.join(), /row 2: says the same again/)
  })
  test('the date of a senator’s trade is not that of its report', () => {
    const signal = signalOf('[{"Date":"2021-11-26","Ticker":"CONE","Senator":"Carper, Thomas R.","Transaction":"Purchase","Amount":1001.0,"Range":"$1,001 - $15,000"}]')
    assert.deepEqual([signal.at, signal.known_at], ['2021-11-26T21:00:00.000Z', NOW])
  })
  test('lobbying keeps its cents, contracts are about whom the user asked for', () => {
    const lobbying = signalOf('[{"Date":"2021-12-10","Ticker":"NKE","Client":"NIKE, INC.","Amount":"30000.10","Issue":"A \\n B \\n A","Specific_Issue":null}]')
    assert.deepEqual([lobbying.facts?.['amount'], lobbying.facts?.['issues']], ['30000.10', ['A', 'B']])
    const contract = '[{"Date":"2021-10-28 00:00:00","Description":"REQ","Agency":"DOI","Amount":76000.0}]'
    assert.equal(signalOf(contract).subject, undefined)
    const asked = readAll([contract], { ticker: 'AMRC' }).signals[0]
    assert.deepEqual([asked?.type, asked?.subject, asked?.facts?.['amount'], asked?.known_at], ['contract', 'ticker:AMRC', '76000.0', NOW])
    assert.equal(readAll([contract], { url: 'https://api.example/beta/historical/govcontractsall/AMRC' }).signals[0]?.subject, 'ticker:AMRC')
  })
  test('ranges', () => {
    assert.deepEqual(rangeOf('>$5,000,000'), { amount_min: '5000000' })
    assert.deepEqual(rangeOf('$100,001-250,000'), { amount_min: '100001', amount_max: '250000' })
    assert.deepEqual(rangeOf(undefined), {})
  })
  test('lots of one report that are alike are told apart; a trade after its report happened when it was reported', () => {
    const HEAD = 'disclosed_date,transaction_date,senator,owner,ticker,asset_description,asset_type,type,amount,ptr_link\n'
    const lot = '2014-01-29,2014-01-21,John F Reed,Joint,--,CVS Corp,,Purchase,"$1,001 - $15,000",https://efd.example/ptr/76c09e15-7887-45fd-94cb-0cc5060d7864/\n'
    const signals = signalsOf(HEAD + lot + lot)
    assert.equal(new Set(signals.map(({ id }) => id)).size, 2)
    assert.equal(signals[0]?.subject, undefined)
    const late = signalOf(HEAD + lot.replace('2014-01-21', '2014-12-21'))
    assert.deepEqual([late.at, late.facts?.['at_from']], ['2014-01-30T04:59:59.000Z', 'disclosure'])
  })
})

describe('lists of holdings', () => {
  const HEAD = 'period_end,filing_date,manager_cik,manager,cusip,ticker,issuer,class,shares,value\n'
  const row = (price: number, cusip: string, ticker = '', filed = ''): string => `2020-12-31,${filed},99,"Fund, LLC",${cusip},${ticker},CO,COM,1000,${price * 1000}\n`
  test('known from the day they were due where the filing date is blank: here the Tuesday after a holiday on the 45th day', () => {
    const signal = signalOf(HEAD + row(20, '037833100'))
    assert.deepEqual([signal.subject, signal.known_at, signal.facts?.['known_from'], signal.facts?.['value']], ['ticker:AAPL', '2021-02-17T03:00:00.000Z', 'due date', '20000'])
    assert.equal(signalOf(HEAD + row(20, '037833100', '', '2021-02-10')).known_at, '2021-02-11T03:00:00.000Z')
  })
  test('a report in thousands is brought to dollars, warrants in another do not make it one', () => {
    const cheap = [1, 2, 3, 4, 5].map((n) => row(0.05, `00000000${n}`)).join('')
    assert.deepEqual(signalsOf(HEAD + cheap)[0]?.facts?.['value'], '50000')
    const mixed = [1, 2, 3, 4].map((n) => row(30, `00000000${n}`)).join('') + row(0.05, '000000009')
    assert.deepEqual(signalsOf(HEAD + mixed)[4]?.facts?.['value'], '50')
  })
})

describe('listings', () => {
  test('of both shapes', () => {
    const plain = signalsOf('{"0":{"cik_str":789019,"ticker":"MSFT","title":"MICROSOFT CORP"},"1":{"cik_str":1,"ticker":"","title":"x"}}')
    assert.deepEqual(plain.map(({ key, subject, facts }) => [key, subject, facts]),
      [['sec:listing:0000789019:MSFT', 'ticker:MSFT', { cik: '0000789019', name: 'MICROSOFT CORP' }]])
    const [signal] = signalsOf('{"fields":["cik","name","ticker","exchange"],"data":[[320193,"Apple Inc.","AAPL","Nasdaq"]]}')
    assert.equal(signal?.facts?.['exchange'], 'Nasdaq')
  })
})

const folder = sharedFolder('fixtures')
const skip = folder === undefined ? 'needs the recorded payloads of VANTA_SHARED' : false
const read = (...path: readonly string[]): Buffer => recorded(join(folder ?? '.', ...path))

describe('recorded', { skip }, () => {
  test('feeds: one signal for each accession number of the forms that are read', () => {
    for (const name of ['type4_start0100', 'type4_start2000', 'all_with_13f_0', 'with_form4a_2', 'all_count100_start5000_0']) {
      const text = read('sec', 'getcurrent', `${name}.atom`).toString('latin1')
      const expected = new Set(text.split('<entry>').slice(1).flatMap((entry) =>
        /term="([345](\/A)?|13F-[^"]*)"/.test(entry) ? /accession-number=([\d-]+)/.exec(entry)?.[1] ?? [] : []))
      assert.deepEqual(signalsOf(text).map(({ key }) => key).sort(), [...expected].sort(), name)
    }
  })
  test('submissions: what jq would find, with the clocks of 2026-03 (New York) and 2026-05 (UTC) told apart', () => {
    for (const [name, clock] of [['CIK0000320193', 'New York'], ['CIK0001462356', 'UTC'], ['CIK0001771340', 'UTC'], ['CIK0001830610', 'New York']] as const) {
      const bytes = read('sec', 'submissions', `${name}.json`)
      const { recent } = (JSON.parse(bytes.toString()) as { filings: { recent: Record<string, string[]> } }).filings
      const wanted = (recent['form'] ?? []).flatMap((form, i) => (/^([345](\/A)?|13F-.*)$/.test(form) ? [i] : []))
      const signals = signalsOf(bytes)
      assert.deepEqual(signals.map(({ key }) => key).sort(), wanted.map((i) => recent['accessionNumber']?.[i] ?? '').sort(), name)
      const hours = signals.map(({ at }) => Number(at.slice(11, 13)))
      assert.ok(hours.every((hour) => hour >= 10 || hour < 4), `${name}: EDGAR is closed from 22:00 to 06:00 New York (${clock} clock)`)
    }
  })
  test('a filing index and current events', () => {
    const [index] = signalsOf(read('sec', '13f', 'html_edgar_filing_documents_13f.html'))
    assert.deepEqual([index?.key, index?.known_at, index?.author, index?.facts?.['period']], ['0001852858-21-000001', '2021-03-26T18:02:04.000Z', 'sec:0001852858', '2020-12-31'])
    const events = signalsOf(read('sec', '13f', 'html_edgar_current_events.html'))
    assert.deepEqual(events.map(({ facts }) => facts?.['document_type']).sort(), ['13F-HR', '13F-HR', '13F-HR/A', '13F-HR/A'])
  })
  test('openinsider.com: every row, its accession number, signs and dollars taken off', () => {
    const signals = signalsOf(read('openinsider', 'screener_s=TSLA.html'))
    assert.equal(signals.length, 100)
    const last = signals.find(({ key }) => key === '0001771364-22-000002')
    assert.deepEqual([last?.subject, last?.known_at, last?.facts?.['issuer_cik']], ['ticker:TSLA', '2022-01-21T00:39:00.000Z', '0001318605'])
    assert.deepEqual(last?.facts?.['transactions'], [
      { code: 'S', shares: '1250', price_per_share: '1026.75', date: '2022-01-18', acquired_disposed: 'D', shares_after: '57334' },
    ])
  })
  test('finviz.com: the year is that of the accession number', () => {
    const signals = signalsOf(read('openinsider', 'quote.ashx_t=PM.html'))
    const king = signals.find(({ key }) => key === '0001182489-21-000110')
    assert.deepEqual([king?.subject, king?.at, king?.known_at], ['ticker:PM', '2021-07-27T20:00:00.000Z', '2021-07-29T00:46:00.000Z'])
    assert.deepEqual(king?.facts?.['owners'], [{ name: 'King Martin G.', cik: '0001463347', title: 'CEO, PMI America' }])
  })
})
