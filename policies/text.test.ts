import { equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { asciiJson, listed, oneLine, quoted, shown } from './text.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 300 })
    .map((units) => String.fromCharCode(...units)),
)

test('a plain name, address or user stands in a sentence as it is', () => {
  for (const plain of ['worker-1.example.com', '10.0.0.3', '2001:db8::', '::1', 'system:node:a_b', '0x0a'])
    equal(shown(plain), plain)
})

test('what could read as a part of the sentence is quoted', () => {
  for (const odd of ['', 'a b', 'a,b', 'a.', '.', '*', '*.example.com', '-a', "a'b", '(none)', 'a;b'])
    equal(shown(odd), `"${odd}"`)
  equal(shown('a'.repeat(81)), `"${'a'.repeat(80)}..."`)
  equal(shown('a\n'), String.raw`"a\u000a"`)
})

test('what would move a cursor, end a line or hide a letter is spelled out', () => {
  equal(quoted('a\nb\r\t\u0000\u001b[2J\u007f'), String.raw`"a\u000ab\u000d\u0009\u0000\u001b[2J\u007f"`)
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
      const text = quoted(value)
      match(text, /^"[\x20-\x7e]{0,83}"$/u)
      if (!text.endsWith('..."')) equal(JSON.parse(text), value)
    }),
  )
})

test('a list shows three and counts the rest', () => {
  equal(listed([]), '(none)')
  equal(listed(['a']), 'a')
  equal(listed(['a', '', 'c d']), 'a, "", "c d"')
  equal(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g']), 'a, b, c and 4 more')
})

test('a line stays one line of printable ASCII within its bound', () => {
  equal(oneLine('the API server’s own name', 100), "the API server's own name")
  equal(oneLine('a\nb', 100), String.raw`a\u000ab`)
  equal(oneLine(String.raw`"a" \u0041`, 100), String.raw`"a" \u0041`)
  equal(oneLine('a\x1b[31mb\x7f\x9bc\u202e\ud800', 100), String.raw`a\u001b[31mb\u007f\u009bc\u202e\ud800`)
  equal(oneLine('abcdef', 6), 'abcdef')
  equal(oneLine('abcdefg', 6), 'abc...')
  equal(oneLine('\n\n', 10), String.raw`\u000a...`)
  fc.assert(
    fc.property(anyText, fc.integer({ min: 3, max: 200 }), (value, max) => {
      const line = oneLine(value, max)
      match(line, /^[\x20-\x7e]*$/u)
      ok(line.length <= max)
    }),
  )
})

test('a line of JSON shows what it holds, and still means the same', () => {
  const name = 'csr\u001b[2J\u009b2J\u202egnp.\u{e0041}ü'
  const line = `${JSON.stringify({ csr: name })}\n`
  equal(asciiJson(line), '{"csr":"csr\\u001b[2J\\u009b2J\\u202egnp.\\udb40\\udc41\\u00fc"}\n')
  fc.assert(
    fc.property(anyText, (value) => {
      const text = asciiJson(JSON.stringify(value))
      match(text, /^[\x20-\x7e]*$/u)
      equal(JSON.parse(text), value)
    }),
  )
})
