import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readEpoch, readMillis, readMoment } from '#wire/dates'

const shown = (text: string): string | undefined => {
  const moment = readMoment(text)
  return moment && `${new Date(moment.ms).toISOString()} ${moment.unit}${moment.zoned ? '' : ' unzoned'}`
}

const READ: readonly (readonly [text: string, shown: string])[] = [
  ['Mon, 16 Oct 2017 15:10:00 +0000', '2017-10-16T15:10:00.000Z second'],
  ['Mon, 16 Oct 2017 15:10:00 GMT\r\n   ', '2017-10-16T15:10:00.000Z second'],
  ['6 Apr 2022 21:07:47 Z', '2022-04-06T21:07:47.000Z second'],
  ['Seg, 24 Set 2018 19:42:40 -0300', '2018-09-24T22:42:40.000Z second'],
  ['Fri, 24 Aug 2012 08:45:54 EST', '2012-08-24T13:45:54.000Z second'],
  ['03 Apr 02 1500 GMT', '2002-04-03T15:00:00.000Z minute'],
  ['Sun, 10 Dec 97 13:01:36 -0800', '1997-12-10T21:01:36.000Z second'],
  ['Wed, 15 Jul 2026 19:01 GMT', '2026-07-15T19:01:00.000Z minute'],
  ['Thu, 01 Jan 2004 19:48:21 GMT+0200', '2004-01-01T17:48:21.000Z second'],
  ['Tue, 20 Aug 2019 12:00:00 -0000 (UTC)', '2019-08-20T12:00:00.000Z second'],
  ['Mon, 26 July 2004 16:31:00 ET', '2004-07-26T20:31:00.000Z second'],
  ['Monday, 26-Jan-04 16:31:00 GMT', '2004-01-26T16:31:00.000Z second'],
  ['Mon Jan 26 16:31:00 2004', '2004-01-26T16:31:00.000Z second unzoned'],
  ['Mar 4, 2014 12:05 AM EST', '2014-03-04T05:05:00.000Z minute'],
  ['January 26th, 2004 at 4:31 PM EST', '2004-01-26T21:31:00.000Z minute'],
  ['mar, 04 mars 2014 10:00:00 +0100', '2014-03-04T09:00:00.000Z second'],
  ['Di, 5 Mär 2024 10:00 CET', '2024-03-05T09:00:00.000Z minute'],
  ['Tue, 17 Oct 2017', '2017-10-17T00:00:00.000Z day unzoned'],
  ['Tue, 17 Oct 2017 10:00 IST', '2017-10-17T10:00:00.000Z minute unzoned'],
  ['2014-07-21T21:14:39+02:00', '2014-07-21T19:14:39.000Z second'],
  ['2013-09-13T23:45:36.972031-05:00', '2013-09-14T04:45:36.972Z second'],
  ['2017-06-20 15:18', '2017-06-20T15:18:00.000Z minute unzoned'],
  ['2017-06-20 15:18:01 UTC', '2017-06-20T15:18:01.000Z second'],
  ['20031231T101415Z', '2003-12-31T10:14:15.000Z second'],
  ['20260715T190100Z', '2026-07-15T19:01:00.000Z second'],
  ['2003-12-31T24:00:00Z', '2004-01-01T00:00:00.000Z second'],
  ['2016-12-31T23:59:60Z', '2016-12-31T23:59:59.999Z second'],
  ['2003-12', '2003-12-01T00:00:00.000Z month unzoned'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z second'],
]

test('dates as they are written', () => {
  for (const [text, expected] of READ) assert.equal(shown(text), expected, text)
})

test('what is no date, or could be two, is none', () => {
  const none = [
    '', ' ', 'yesterday', '01/02/2004', '1518478934', '2024-02-30', '31 Feb 2004 00:00 GMT', '2023-02-29', '2004-13-01', '2004-01-01T25:00:00Z',
    '2004-01-01T10:61:00Z', 'Mon, 16 Oct', '16 Oct 2017 13:00 PM PM', `Mon, 16 Oct 2017 ${' '.repeat(100)} 10:00 GMT`, '16 Oct 2017 10:00 GMT GMT',
  ]
  for (const text of none) assert.equal(readMoment(text), undefined, text)
})

test('every instant reads back from the forms in which it is written', () => {
  const instants = fc.date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('2049-12-31T23:59:59Z'), noInvalidDate: true })
  fc.assert(fc.property(instants, (date) => {
    const seconds = Math.floor(date.getTime() / 1000) * 1000
    assert.equal(readMillis(date.toISOString()), date.getTime())
    assert.equal(readMillis(date.toUTCString()), seconds)
    assert.equal(readMillis(date.toISOString().replace(/[-:]/g, '')), date.getTime())
  }))
})

test('no text makes it throw or lose itself', () => {
  fc.assert(fc.property(fc.string(), (text) => void readMoment(text)))
  fc.assert(fc.property(fc.array(fc.constantFrom('Mon', 'Mar', '12', '2004', '10:00', '1500', 'PM', '+0100', 'GMT', '-', ',', 'T'), { maxLength: 12 }), (words) => {
    readMoment(words.join(' '))
  }))
})

test('counts of seconds and finer since 1970', () => {
  assert.equal(readEpoch('1518478934'), 1518478934000)
  assert.equal(readEpoch('1518478934.25'), 1518478934250)
  assert.equal(readEpoch('1518478934123'), 1518478934123)
  assert.equal(readEpoch('1518478934123456'), 1518478934123)
  assert.equal(readEpoch('1518478934123456789'), 1518478934123)
  for (const none of ['', '0', '20240101', '-1518478934', '15184789341']) assert.equal(readEpoch(none), undefined, none)
})
