import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '#port/failure'
import { parseFixed } from '#domain/money/decimal'
import { decimalText, tickerSubject } from '#wire/sec/facts'
import { priceOf } from '#wire/sec/lists'
import { feedEntry, feedXml, ownershipXml, submissionText } from './filings.ts'
import { NOW, readAll, refused, rejectOf, signalOf, signalsOf } from './sec_reading.ts'

describe('ownership documents', () => {
  test('say who traded what of whom, in exact decimals', () => {
    const signal = signalOf(ownershipXml({ trades: [{ price: '12.50' }, { code: 'M', shares: '.5', date: '2021-01-14-05:00', derivative: true }] }))
    assert.equal(signal.type, 'form4')
    assert.equal(signal.subject, 'ticker:XYZ')
    assert.equal(signal.author, 'sec:0000000007')
    assert.equal(signal.at, '2021-01-14T21:00:00.000Z', 'the latest trade, 16:00 New York')
    assert.equal(signal.known_at, NOW)
    assert.deepEqual(signal.facts?.['transactions'], [
      { code: 'P', shares: '100', price_per_share: '12.5', acquired_disposed: 'A', date: '2021-01-13', direct: true, derivative: false, security: 'Common' },
      {
        code: 'M', shares: '0.5', acquired_disposed: 'A', date: '2021-01-14', direct: true, derivative: true, security: 'Common',
        footnotes: ['F1'], in_footnotes: ['price_per_share'],
      },
    ])
    assert.deepEqual(signal.facts?.['owners'], [
      { name: 'Doe 0000000007', cik: '0000000007', title: 'CEO & Chair', officer: true, director: false },
    ])
    assert.equal(signal.facts?.['issuer_cik'], '0000000042')
  })
  test('the plan flag is unknown where it is absent, not false', () => {
    const flag = (extra: string): unknown => signalOf(ownershipXml({ extra })).facts?.['aff10b5One']
    assert.deepEqual([flag(''), flag('<aff10b5One>0</aff10b5One>'), flag('<aff10b5One>true</aff10b5One>')], [undefined, false, true])
  })
  test('the issuer is the subject, however its symbol is written; never the owner', () => {
    const written = [['nyse: xyz', 'ticker:XYZ'], ['BRK.A, BRK.B', 'ticker:BRK.A'], ['NONE', 'cik:0000000042'], ['', 'cik:0000000042']] as const
    for (const [symbol, subject] of written) {
      assert.equal(signalOf(ownershipXml({ symbol })).subject, subject)
    }
    assert.equal(tickerSubject('N/A'), undefined)
    const two = signalOf(ownershipXml({ owners: ['0000000007', '0000000008'] }))
    assert.equal((two.facts?.['owners'] as unknown[]).length, 2)
  })
  test('an amendment says so, and what it amends', () => {
    const signal = signalOf(ownershipXml({ form: '4/A', extra: '<dateOfOriginalSubmission>2021-01-14</dateOfOriginalSubmission>' }))
    assert.equal(signal.type, 'form4')
    assert.deepEqual(signal.facts?.['amends'], { form: '4', original_filed: '2021-01-14' })
    assert.equal(signalOf(ownershipXml()).facts?.['amends'], undefined)
    assert.equal(signalOf(ownershipXml({ form: '3', trades: [] })).at, '2021-01-12T21:00:00.000Z', 'without trades, the period')
  })
  test('hostile or broken XML is refused with its place', () => {
    const xml = ownershipXml()
    refused(xml.replace('?>', '?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), /^f0:1:\d+: a DOCTYPE is refused/)
    refused(xml.slice(0, xml.length / 2), /^f0:\d+:\d+: unclosed tag/)
    refused(xml.replace('<value>Common</value>', '<value>&e;</value>'), /^f0:\d+:\d+: .*entity/)
    refused('<a>'.repeat(100), /elements deep/)
    refused(xml.replace('<issuerCik>42</issuerCik>', ''), /CIK is missing/)
    refused(xml.replace('<documentType>4<', '<documentType>8<'), /document type "8"/)
    refused('<!DOCTYPE html><html><body>No</body></html>', /an HTML page/)
    refused('<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>Not there</Message></Error>', /an error instead of data: NoSuchKey: Not there/)
    refused('<other/>', /root element "other"/)
    refused('{"cik":1}', /JSON that is no list/)
    refused('{"cik":', /no JSON/)
    refused(' \n', /nothing in it/)
    refused('just words', /no filing/)
  })
  test('any prefix of a document is refused, never half read', () => {
    const xml = ownershipXml()
    fc.assert(fc.property(fc.nat(xml.length - 1), (length) => {
      assert.throws(() => signalsOf(xml.slice(0, length)), Failure)
    }))
  })
})

describe('submissions', () => {
  test('are known from the moment of acceptance, New York time', () => {
    const signal = signalOf(submissionText([['4', ownershipXml()], ['GRAPHIC', '<x/>']]))
    assert.equal(signal.known_at, '2021-01-15T21:07:30.000Z')
    assert.equal(signal.key, '0000000042-21-000001')
    assert.equal(signal.facts?.['filed'], '2021-01-15')
  })
  test('without it, from 22:00 of the filing day', () => {
    assert.equal(signalOf(submissionText([['4', ownershipXml()]], '')).known_at, '2021-01-16T03:00:00.000Z')
    const header = '<SUBMISSION>\n<ACCESSION-NUMBER>0000000042-21-000002<TYPE>4<FILING-DATE>20210715'
    const feed = `${header}<DOCUMENT><TYPE>4<FILENAME>a.xml<TEXT><XML>${ownershipXml()}</XML></TEXT></DOCUMENT></SUBMISSION>`
    const signal = signalOf(feed)
    assert.equal(signal.known_at, '2021-07-16T02:00:00.000Z')
    assert.equal(signal.key, '0000000042-21-000002')
  })
  test('a clock that no filing of this number can have been made at is not believed', () => {
    for (const stamp of ['20990115160730', '00010115160730', '20210115257730']) {
      const signal = signalOf(submissionText([['4', ownershipXml()]], `<ACCEPTANCE-DATETIME>${stamp}\n`))
      assert.equal(signal.known_at, '2021-01-16T03:00:00.000Z', 'the end of the filing day')
    }
    const { rejects } = readAll([feedXml(feedEntry('4', '0000000001-21-000001', 'Doe (0000000008) (Reporting)', '2099-01-15T18:00:00-05:00'))])
    assert.match(rejects.join(), /no time that can be right/)
  })
  test('a trade dated after its filing happened when it was filed', () => {
    const nonsense = signalOf(submissionText([['4', ownershipXml({ trades: [{ date: '0021-01-13', price: '1' }], period: '2022-01-13' })]]))
    assert.equal(nonsense.at, nonsense.known_at)
    assert.equal(nonsense.facts?.['at_from'], 'filing')
    const mistyped = ownershipXml({ trades: [{ date: '2022-01-13', price: '1' }, { date: '2021-01-11', price: '1' }] })
    assert.equal(signalOf(submissionText([['4', mistyped]])).at, '2021-01-11T21:00:00.000Z', 'the latest date that can be')
  })
  test('that break off, or hold nothing of ours, are refused', () => {
    const text = submissionText([['4', ownershipXml()]])
    refused(text.replace('</XML>', ''), /breaks off before <\/XML>/)
    assert.match(rejectOf(submissionText([['8-K', '<x/>']])), /a form that is not read here/)
    refused(text.replace('ACCESSION NUMBER', 'NUMBER'), /no accession number/)
  })
})

describe('the feed of current filings', () => {
  const a = '0000000001-21-000001', b = '0000000001-21-000002'
  test('gives each accession once with all its parties, over pages, and only the forms it reads', () => {
    const signals = signalsOf(
      feedXml(feedEntry('4', b, 'Example Co (0000000042) (Issuer)'), feedEntry('424B2', '0000000001-21-000009', 'Bank (0000000043) (Filer)')),
      feedXml(feedEntry('4', b, 'D\xe9 Jane (0000000007) (Reporting)'), feedEntry('4/A', a, 'Doe (0000000008) (Reporting)', '2021-01-15T18:00:00-05:00')),
    )
    assert.deepEqual(signals.map(({ key }) => key), [a, b])
    assert.equal(signals[1]?.subject, 'cik:0000000042')
    assert.equal(signals[1]?.author, 'sec:0000000007')
    assert.equal(signals[1]?.known_at, '2021-01-15T23:02:43.000Z')
    assert.deepEqual(Object.keys(signals[1]?.facts ?? {}).sort(), ['accession', 'document_type', 'filed', 'link', 'parties'])
  })
  test('is ISO-8859-1', () => {
    const bytes = Buffer.from(feedXml(feedEntry('4', a, 'D\xe9 Jane (0000000007) (Reporting)')), 'latin1')
    assert.match(JSON.stringify(signalOf(bytes).facts), /Dé Jane/)
  })
})

describe('lists of insider trades', () => {
  const OPEN = 'filing_date,trade_date,ticker,company,insider_name,title,trade_type,qty,owned_after,delta_owned_pct,value\n'
  test('a purchase is known from 22:00 of its filing day, its price from value and quantity', () => {
    const signal = signalOf(`${OPEN}2021-01-15,2021-01-13,XYZ,"Example, Co",Doe J,"Pres, CEO",P - Purchase,1268.0,18000.0,8.0,17397.0\n`)
    assert.equal(signal.known_at, '2021-01-16T03:00:00.000Z')
    assert.equal(signal.at, '2021-01-13T21:00:00.000Z')
    assert.equal(signal.author, 'sec:Doe J')
    assert.deepEqual(signal.facts?.['transactions'], [
      { code: 'P', shares: '1268', price_per_share: '13.72', date: '2021-01-13', acquired_disposed: 'A', shares_after: '18000' },
    ])
  })
  test('the price is value over shares, rounded once', () => {
    const whole = fc.bigInt({ min: 1n, max: 10n ** 15n })
    fc.assert(fc.property(whole, whole, (value, shares) => {
      const price = parseFixed(priceOf(value, shares)) ?? 0n
      assert.equal(price % 10_000n, 0n, 'four places')
      const error = price * shares - value * 100_000_000n
      assert.ok((error < 0n ? -error : error) * 2n <= 10_000n * shares)
    }))
  })
  test('bad rows are named and left out, repeated ones counted', () => {
    const good = '2021-01-15,2021-01-13,XYZ,Co,Doe J,CEO,P - Purchase,10,20,8,125\n'
    const bad = [good.replace('XYZ', ''), good.replace('2021-01-15', '2021-02-30'), good.replace(',10,', ',0,'), good.replace('P - ', 'buy '), 'x,y\n']
    const { signals, rejects } = readAll([OPEN + good + bad.join('') + good])
    assert.equal(signals.length, 1)
    assert.deepEqual(rejects.map((reject) => reject.slice(0, 9)), ['f0: row 3', 'f0: row 4', 'f0: row 5', 'f0: row 6', 'f0: row 7', 'f0: row 8'])
    assert.match(rejects[5] ?? '', /says the same again/)
  })
  test('rows of one accession number are one filing', () => {
    const header = 'filingDate,transactionDate,symbol,name,transactionCode,change,share,transactionPrice,id\n'
    const rows = [
      '2021-12-07,2021-12-06,XYZ,Doe J,F,-48,9015,148.8295,A-1', '2021-12-07,2021-12-03,XYZ,Doe J,A,48,9063,0.0,A-1',
      '2021-12-08,2021-12-06,XYZ,Roe R,S,-5,1,9.5,A-2',
    ]
    const [first, second] = signalsOf(header + rows.join('\n'))
    assert.equal(first?.key, 'A-1')
    assert.equal(first?.at, '2021-12-06T21:00:00.000Z')
    assert.deepEqual(first?.facts?.['transactions'], [
      { code: 'F', shares: '48', date: '2021-12-06', price_per_share: '148.8295', shares_after: '9015', acquired_disposed: 'D' },
      { code: 'A', shares: '48', date: '2021-12-03', shares_after: '9063', acquired_disposed: 'A' },
    ], 'a price of 0 is none')
    assert.equal(second?.key, 'A-2')
  })
  test('full and plain lists', () => {
    const full = 'ticker,issuer_cik,accession_number,filing_date,period_of_report,reporting_owner_name,reporting_owner_cik,officer_title,director,' +
      'ten_percent_owner,security_title,transaction_date,transaction_code,is_derivative,shares,price_per_share,shares_owned_following,' +
      'ownership_nature_direct_or_indirect\n' +
      'XYZ,0000000042,A-1,2022-06-15,2022-06-13,Doe J,0000000007,,True,False,Common,2022-06-13,S,False,5.0,159.0,20.0,I\n'
    const signal = signalOf(full)
    assert.equal(signal.author, 'sec:0000000007')
    assert.deepEqual(signal.facts?.['owners'], [{ name: 'Doe J', cik: '0000000007', director: true, ten_percent: false }])
    const plain = 'ticker,owner_name,owner_title,is_director,is_officer,transaction_date,shares,price_per_share,acquired_disposed,' +
      'transaction_code,filing_date\n' +
      'XYZ,Doe J,,True,False,2025-01-02 00:00:00,1072.0,,A,A,2025-01-03\n'
    assert.deepEqual(signalOf(plain).facts?.['transactions'], [{ code: 'A', shares: '1072', date: '2025-01-02', acquired_disposed: 'A' }])
    refused('a,b,c\n1,2,3\n', /^f0:1: no list/)
  })
  test('decimals are read as people file them', () => {
    for (const [text, exact] of [['1268.0', '1268'], ['.50', '0.5'], ['5.', '5'], ['-0.1', '-0.1']] as const) {
      assert.equal(decimalText(text), exact, text)
    }
    for (const text of ['1,000', '', '.', '1e5', '$5']) assert.equal(decimalText(text), undefined, text)
    assert.equal(decimalText('0.1234567890123'), '0.1234567890123', 'no digit is lost')
  })
})
