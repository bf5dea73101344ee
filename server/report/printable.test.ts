import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable, printableJson } from './printable.ts'

test('printable text comes back as it is, quotes and backslashes too', () => {
  const text = 'CommonNameNotRequester: "system:node:a" is not \\u0041, é ✓'
  assert.equal(printable(text, 1_024), text)
})

test('what could fool a terminal is shown instead of sent', () => {
  assert.equal(printable('a\nb\x1b[31mc\x7f\x9bd', 80), 'a\\u{a}b\\u{1b}[31mc\\u{7f}\\u{9b}d')
  assert.equal(
    printable('\u202Eevil\u2066\u200B\uFEFF\u2028', 80),
    '\\u{202e}evil\\u{2066}\\u{200b}\\u{feff}\\u{2028}',
  )
  assert.equal(printable('\u{E0041}\uD800', 80), '\\u{e0041}\\u{d800}')
})

test('text past the limit is cut, also when showing makes it longer', () => {
  assert.equal(printable('abcdefghij', 8), 'abcde...')
  assert.equal(printable('\n'.repeat(8), 8).length, 8)
})

test('a line of JSON shows what it holds, and still means the same', () => {
  const name = 'csr\u001b[2J\u009b2J\u202egnp.\u{e0041}ü’'
  const line = `${JSON.stringify({ csr: name })}\n`
  const shown = printableJson(line)
  assert.equal(shown, '{"csr":"csr\\u001b[2J\\u009b2J\\u202egnp.\\udb40\\udc41ü’"}\n')
  assert.deepEqual(JSON.parse(shown), { csr: name })
})
