import assert from 'node:assert/strict'
import test from 'node:test'
import { LineSplitter } from './watch.ts'

function linesOf(...texts: readonly string[]): string[] {
  const lines: string[] = []
  const splitter = new LineSplitter(({ json }) => void lines.push(json.toString()))
  for (const text of texts) splitter.push(Buffer.from(text, 'latin1'))
  return lines
}

test('lines come whole, however they were cut on their way', () => {
  const lines = linesOf('{"a"', ':1}\n{"b":2}\n{', '"c":3}\n')
  assert.deepEqual(lines, ['{"a":1}', '{"b":2}', '{"c":3}'])
})

test('a character cut in two is put together again', () => {
  assert.deepEqual(linesOf('"\xc3', '\xbc"\n'), ['"ü"'])
})

test('a last line without its end was cut, and is dropped', () => {
  assert.deepEqual(linesOf('{"a":1}\n{"b"'), ['{"a":1}'])
})

test('a line that is too long is reported by its first bytes, held no further, and followed by the next', () => {
  const lines: { readonly json: Buffer; readonly whole: boolean }[] = []
  const splitter = new LineSplitter((line) => void lines.push(line))
  splitter.push(Buffer.from('{"type":"MODIFIED","object":{"metadata":{"name":"huge"'))
  for (let sent = 0; sent < 64; sent += 1) splitter.push(Buffer.alloc(1_048_576, 0x78))
  splitter.push(Buffer.from('\n{"b":2}\n'))
  const [first, second, ...more] = lines
  assert.equal(first?.whole, false)
  assert.ok(first.json.length < 3 * 1_048_576)
  assert.deepEqual([second?.json.toString(), second?.whole, more], ['{"b":2}', true, []])
})
