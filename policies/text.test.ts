import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { listed, oneLine, quoted } from './text.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
    .map((units) => String.fromCharCode(...units)),
)

test('what is harmless is quoted as it is', () => {
  equal(quoted('worker-1.example.com'), '"worker-1.example.com"')
  equal(quoted(''), '""')
})

test('what would move a cursor, end a line or hide a letter is spelled out', () => {
  equal(quoted('a\nb\r\t\u0000\u001b[2J\u007f'), String.raw`"a\nb\r\t\u0000\u001b[2J\u007f"`)
  equal(quoted('\u202e\u200b\ufeffé'), String.raw`"\u202e\u200b\ufeff\u00e9"`)
  equal(quoted('\u{1f600}\ud800'), String.raw`"\ud83d\ude00\ud800"`)
})

test('a quotation ends where it ends, whatever stands in it', () => {
  equal(quoted('", "admin'), String.raw`"\", \"admin"`)
  equal(quoted('\\'), String.raw`"\\"`)
  equal(quoted(String.raw`a\u2026`), String.raw`"a\\u2026"`)
})

test('a long value is cut between two characters', () => {
  equal(quoted('a'.repeat(80)), `"${'a'.repeat(80)}"`)
  equal(quoted('a'.repeat(81)), `"${'a'.repeat(80)}..."`)
  equal(quoted(`${'a'.repeat(75)}\u202e`), `"${'a'.repeat(75)}..."`)
  equal(quoted('\u{1f600}'.repeat(1_000)), `"${String.raw`\ud83d\ude00`.repeat(6)}..."`)
})

test('a quotation is printable ASCII, at most 85 characters, and JSON when it was not cut', () => {
  fc.assert(
    fc.property(anyText, (value) => {
      const shown = quoted(value)
      match(shown, /^"[\x20-\x7e]{0,83}"$/u)
      if (!shown.endsWith('..."')) equal(JSON.parse(shown), value)
    }),
  )
})

test('a list shows three and counts the rest', () => {
  equal(listed([]), 'none')
  equal(listed(['a']), '"a"')
  equal(listed(['a', 'b', 'c']), '"a", "b", "c"')
  equal(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g']), '"a", "b", "c" and 4 more')
})

test('a line stays one line of printable ASCII within its bound', () => {
  equal(oneLine('the API server’s own name', 100), "the API server's own name")
  equal(oneLine('a\nb', 100), String.raw`a\u000ab`)
  equal(oneLine('abcdef', 6), 'abcdef')
  equal(oneLine('abcdefg', 6), 'abc...')
  fc.assert(
    fc.property(anyText, fc.integer({ min: 3, max: 200 }), (value, max) => {
      const line = oneLine(value, max)
      match(line, /^[\x20-\x7e]*$/u)
      ok(line.length <= max)
    }),
  )
})
