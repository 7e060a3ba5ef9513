import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decode, textOf } from '#wire/text'

const bytes = (...parts: (string | number[])[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part as string)))
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

test('a byte order mark is believed before all else, and is no part of the text', () => {
  assert.deepEqual(decode(bytes([0xef, 0xbb, 0xbf], '<?xml encoding="iso-8859-1"?>é')), {
    text: '<?xml encoding="iso-8859-1"?>é', encoding: 'utf-8', by: 'mark', damaged: false,
  })
  assert.equal(textOf(Buffer.from('\ufeff<a>ü</a>', 'utf16le'), 'text/xml; charset=utf-8'), '<a>ü</a>')
  assert.equal(textOf(Buffer.from('\ufeff<a>ü</a>', 'utf16le').swap16()), '<a>ü</a>')
})

test('UTF-16 without a mark is told by its zeros', () => {
  assert.equal(textOf(Buffer.from('<a>ü</a>', 'utf16le')), '<a>ü</a>')
  assert.equal(textOf(Buffer.from('{"a":1}', 'utf16le').swap16()), '{"a":1}')
})

test('UTF-32 too, with a mark or without', () => {
  const wide = (text: string, little: boolean): Buffer => {
    const bytes = Buffer.alloc(4 * [...text].length)
    for (const [i, character] of [...text].entries()) bytes[little ? 'writeUInt32LE' : 'writeUInt32BE'](character.codePointAt(0) ?? 0, 4 * i)
    return bytes
  }
  for (const little of [true, false]) {
    for (const text of ['<a>\u{1f600}ü</a>', '\ufeff{"a":1}']) assert.equal(textOf(wide(text, little)), text.replace('\ufeff', ''))
  }
})

test('what is declared holds as far as the bytes agree: the declaration, then the content type', () => {
  const russian = bytes('<?xml version="1.0" encoding="windows-1251"?><a>', [0xcf, 0xf0, 0xe8], '</a>')
  assert.match(textOf(russian, 'text/xml; charset=ISO-8859-1'), /<a>При</)
  assert.match(textOf(bytes('<a>', [0xcf, 0xf0, 0xe8], '</a>'), 'text/xml; charset="windows-1251"'), /<a>При</)
  assert.equal(decode(bytes('<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>')).encoding, 'utf-8', 'UTF-8 in fact')
  assert.equal(decode(bytes('<?xml version="1.0" encoding="utf-16"?><a>é</a>')).encoding, 'utf-8', 'read this far, it is none')
  assert.equal(decode(bytes('<?xml version="1.0" encoding="x-no-such"?><a>é</a>')).by, 'utf-8')
  assert.match(textOf(bytes('<meta charset="shift_jis">', [0x93, 0xfa, 0x96, 0x7b])), /日本$/)
  assert.equal(textOf(bytes('<rss><![CDATA[<meta charset="koi8-r">é]]></rss>')), '<rss><![CDATA[<meta charset="koi8-r">é]]></rss>')
})

test('bytes that say nothing are UTF-8, with a little damage or none, or what they look like', () => {
  assert.deepEqual(decode(bytes('één ', [0xc3])), { text: 'één \ufffd', encoding: 'utf-8', by: 'utf-8', damaged: true })
  assert.deepEqual(decode(latin1('deux études été')), { text: 'deux études été', encoding: 'windows-1252', by: 'guess', damaged: false })
  const koi8 = [0xeb, 0xc1, 0xcb, 0x20, 0xd0, 0xc5, 0xd2, 0xc5, 0xd6, 0xc9, 0xd4, 0xd8] // Как пережить
  assert.equal(textOf(bytes(koi8)), 'Как пережить')
  const hebrew = [0xe4, 0xf2, 0xe5, 0xec, 0xed, 0x20, 0xf9, 0xec, 0xf0, 0xe5] // העולם שלנו
  assert.equal(textOf(bytes(hebrew)), 'העולם שלנו')
})

test('western quotes and dashes, whatever the machine takes windows-1252 for', () => {
  assert.equal(textOf(bytes('<?xml version="1.0" encoding="ISO-8859-1"?>', [0x93], 'it', [0x92], 's', [0x94, 0x97, 0x80])).slice(-8), '“it’s”—€')
  assert.equal(decode(bytes('caf', [0xe9, 0x20, 0x96])).text, 'café –')
})

test('every text survives its own encoding', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
    const plain = text.replace(/^\ufeff/, '')
    // Two code units that begin like markup in UTF-16 are read as such.
    fc.pre(!/^.?[<{[\0]/.test(plain))
    assert.equal(textOf(Buffer.from(plain, 'utf8')), plain)
    assert.equal(textOf(Buffer.from(`\ufeff${plain}`, 'utf16le')), plain)
  }))
})

test('no bytes and no content type make it throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (any, type) => {
    decode(Buffer.from(any), type)
    decode(Buffer.concat([latin1(`<?xml encoding="${type}"?>`), Buffer.from(any)]))
  }))
})
