import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Signal } from '#record'
import { usdOf, valueUnit } from '#wire/sec/thirteenf_unit'
import { sharedFolder } from '../collect/payload_world.ts'
import { coverXml, holdingsXml, submissionText } from './filings.ts'
import { NOW, readAll, recorded, refused, signalOf, signalsOf } from './sec_reading.ts'

/** A table of holdings whose shares are all worth the same. */
function tableXml(count: number, price: number, from = 1): string {
  const rows = Array.from({ length: count }, (_, i) => `<infoTable><nameOfIssuer>CO ${from + i}</nameOfIssuer><cusip>${String(from + i).padStart(8, '9')}0</cusip>
<value>${price * 1000}</value><shrsOrPrnAmt><sshPrnamt>1000</sshPrnamt><sshPrnamtType>SH</sshPrnamtType></shrsOrPrnAmt></infoTable>`)
  return `<informationTable>${rows.join('')}</informationTable>`
}
const counted = (entries: number, total: number, signed = '02-12-2021'): string =>
  coverXml('13F-HR', signed).replace('<tableEntryTotal>1<', `<tableEntryTotal>${entries}<`).replace('<tableValueTotal>230<', `<tableValueTotal>${total}<`)
const facts = (signals: readonly Signal[], ...names: readonly string[]): unknown[] => signals.map((signal) => names.map((name) => signal.facts?.[name]))

describe('13F reports', () => {
  test('holdings are children of their cover, whatever the prefix; thousands before 2023 become dollars, which is said', () => {
    for (const prefix of ['n1', '', 'x-y']) {
      const [cover, holding] = signalsOf(submissionText([['13F-HR', coverXml()], ['INFORMATION TABLE', holdingsXml(prefix)]]))
      assert.equal(cover?.type, 'form13f')
      assert.equal(cover?.at, '2020-12-31T21:00:00.000Z')
      assert.equal(cover?.author, 'sec:0000000099')
      assert.deepEqual(holding?.parents, [cover?.id])
      assert.equal(holding?.subject, 'cusip:01234567A')
      assert.equal(holding?.key, '0000000042-21-000001#1')
      for (const signal of [cover, holding]) {
        assert.deepEqual(['value', 'value_filed', 'value_unit', 'value_unit_by'].map((name) => signal?.facts?.[name]), ['230000', '230', 'thousands', 'date'])
      }
      assert.equal(holding?.facts?.['amount'], '1700')
      assert.equal(holding?.facts?.['put_call'], 'Put')
    }
  })
  test('since 2023-01-03 values are dollars as filed', () => {
    const [, holding] = signalsOf(coverXml('13F-HR', '02-14-2023'), holdingsXml())
    assert.deepEqual(['value', 'value_filed', 'value_unit'].map((name) => holding?.facts?.[name]), ['230', undefined, 'USD'])
  })
  test('prices tell where a filer did not keep to the unit of the day, on either side of it', () => {
    const late = signalsOf(coverXml('13F-HR', '02-14-2023'), tableXml(5, 0.1))
    assert.deepEqual(facts(late.slice(1, 2), 'value', 'value_filed', 'value_unit_by'), [['100000', '100', 'price']])
    assert.equal(late[0]?.facts?.['value'], '230000', 'the cover goes with its table')
    const early = signalsOf(coverXml('13F-HR', '02-14-2021'), tableXml(5, 90))
    assert.deepEqual(facts(early.slice(1, 2), 'value', 'value_unit', 'value_unit_by'), [['90000', 'USD', 'price']])
    const few = signalsOf(coverXml('13F-HR', '02-14-2023'), tableXml(4, 0.1))
    assert.deepEqual(facts(few.slice(1, 2), 'value', 'value_unit_by'), [['100', 'date']], 'four penny stocks can be')
  })
  test('thousands to dollars is exact', () => {
    assert.deepEqual(['0', '7', '1.5', '0.0015', '12.34567'].map((value) => usdOf(value, 'thousands')), ['0', '7000', '1500', '1.5', '12345.67'])
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (value) => assert.equal(usdOf(String(value), 'thousands'), String(value * 1000n))))
    assert.deepEqual(valueUnit([], 0), { unit: 'thousands', by: 'date' })
  })
  test('a CUSIP whose ticker is known gives the ticker; others, and short or starred ones, stay CUSIPs', () => {
    const table = (cusip: string): string => holdingsXml('').replace('01234567a', cusip)
    assert.equal(signalsOf(coverXml(), table('037833100'))[1]?.subject, 'ticker:AAPL')
    assert.equal(signalsOf(coverXml(), table('37833100'))[1]?.subject, 'ticker:AAPL', 'its leading zero lost')
    assert.equal(signalsOf(coverXml(), table('G0403H108'))[1]?.subject, 'cusip:G0403H108')
    assert.equal(signalsOf(coverXml(), table('00000*AA9'))[1]?.facts?.['cusip'], '00000*AA9')
    const { signals, rejects } = readAll([coverXml(), table('N/A')])
    assert.equal(signals.length, 1)
    assert.match(rejects.join(), /f1: entry 1: a holding without a CUSIP/)
  })
  test('an amendment says whether it replaces or adds', () => {
    const amended = (type: string): unknown => signalOf(coverXml('13F-HR/A', '02-12-2021',
      `<isAmendment>true</isAmendment><amendmentNo>1</amendmentNo><amendmentInfo><amendmentType>${type}</amendmentType></amendmentInfo>`)).facts?.['amends']
    assert.deepEqual(amended('NEW HOLDINGS'), { type: 'NEW HOLDINGS', number: '1', effect: 'adds' })
    assert.deepEqual(amended('RESTATEMENT'), { type: 'RESTATEMENT', number: '1', effect: 'replaces' })
    assert.equal(signalOf(coverXml()).facts?.['amends'], undefined)
  })
  test('a report without a period is refused', () => {
    refused(coverXml().replaceAll('12-31-2020', '31-12-2020'), /the period of the report is missing/)
    refused(coverXml('10-K'), /no 13F/)
  })
})

describe('cover pages and tables apart', () => {
  const ids = (...payloads: readonly string[]): string[] => signalsOf(...payloads).map(({ id }) => id).sort()
  test('in any order, joined by what the cover says of its table', () => {
    const payloads = [counted(2, 40_000, '02-12-2021'), counted(3, 90_000, '02-13-2021'), tableXml(3, 30), tableXml(2, 20)] as const
    const expected = ids(...payloads)
    assert.equal(expected.length, 7)
    fc.assert(fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (order) => {
      assert.deepEqual(ids(...order.map((i) => payloads[i] ?? '')), expected)
    }), { numRuns: 24 })
  })
  test('one cover and one table belong together whatever they count', () => {
    assert.deepEqual(ids(counted(80, 1), tableXml(1, 20)), ids(tableXml(1, 20), counted(80, 1)))
    assert.equal(signalsOf(tableXml(1, 20), counted(80, 1))[1]?.parents.length, 1)
  })
  test('a table whose cover does not come is given, with what is not known of it', () => {
    const { signals, rejects } = readAll([tableXml(2, 3)])
    assert.deepEqual(facts(signals, 'cover', 'value', 'value_filed'), [['missing', undefined, '3000'], ['missing', undefined, '3000']])
    assert.deepEqual(signals.map(({ at, author }) => [at, author]), [[NOW, undefined], [NOW, undefined]])
    assert.match(rejects.join(), /without its cover page/)
    assert.deepEqual(facts(signalsOf(tableXml(5, 60)).slice(0, 1), 'value', 'value_unit_by'), [['60000', 'price']])
  })
  test('as a filer sends it in, the table stands in the cover', () => {
    const enclosed = Buffer.from(holdingsXml()).toString('base64').replace(/(.{76})/g, '$1\n')
    const whole = coverXml().replace('</edgarSubmission>', `<documents><document><conformedDocumentType>INFORMATION TABLE</conformedDocumentType>
<contents>${enclosed}</contents></document></documents></edgarSubmission>`)
    assert.deepEqual(signalsOf(whole).map(({ subject }) => subject), [undefined, 'cusip:01234567A'])
  })
})

const folder = sharedFolder('fixtures', 'sec', '13f')
const skip = folder === undefined ? 'needs the recorded payloads of VANTA_SHARED' : false
const read = (name: string): Buffer => recorded(join(folder ?? '.', name))

describe('recorded 13F reports', { skip }, () => {
  test('a cover and its table read apart give what their submission gives', () => {
    for (const accession of ['0001619124-21-000002', '0001790837-23-000002']) {
      const whole = signalsOf(read(`submission_${accession}.txt`))
      const apart = signalsOf(read(`${accession}_infotable.xml`), read(`${accession}_primary_doc.xml`))
      const said = (signals: readonly Signal[]): unknown[] => signals.map((signal) => [signal.subject, ...facts([signal], 'value', 'amount', 'cusip')])
      assert.deepEqual(said(apart), said(whole), accession)
    }
  })
  test('in thousands by the date, and in thousands although filed when dollars were due', () => {
    const [cover, apple] = signalsOf(read('submission_0001619124-21-000002.txt'))
    assert.equal(cover?.known_at, '2021-02-12T15:06:42.000Z')
    assert.deepEqual([cover?.facts?.['value'], cover?.facts?.['value_unit_by']], ['732158000', 'date'])
    assert.deepEqual([apple?.subject, apple?.facts?.['value'], apple?.facts?.['amount']], ['ticker:AAPL', '230054000', '1733777'])
    const [late, threeM] = signalsOf(read('submission_0001790837-23-000002.txt'))
    assert.deepEqual([late?.facts?.['value'], late?.facts?.['value_unit_by']], ['192767000', 'price'])
    assert.deepEqual([threeM?.subject, threeM?.facts?.['value'], threeM?.facts?.['amount']], ['cusip:88579Y101', '287000', '2397'])
    const [, abbvie] = signalsOf(read('0001951757-25-000093.nc'))
    assert.deepEqual([abbvie?.facts?.['value'], abbvie?.facts?.['value_unit']], ['406755', 'USD'])
  })
  test('each entry of a table is a holding; their values add up to what was filed', () => {
    for (const name of ['0001951757-25-000093.nc', 'submission_0001790837-23-000002.txt', 'searcher_infotable_3.xml', 'infotable_default_ns.xml']) {
      const text = read(name).toString()
      const values = [...text.matchAll(/<(?:\w+:)?value>\s*(\d+)\s*<\/(?:\w+:)?value>/g)].map(([, value = '']) => BigInt(value))
      const holdings = signalsOf(text).filter(({ subject }) => subject !== undefined)
      assert.equal(holdings.length, values.length, name)
      const sum = (numbers: readonly bigint[]): bigint => numbers.reduce((a, b) => a + b, 0n)
      assert.equal(sum(holdings.map((holding) => BigInt(String(holding.facts?.['value_filed'] ?? holding.facts?.['value'])))), sum(values), name)
    }
  })
})
