import assert from 'node:assert/strict'
import test from 'node:test'
import { readLines } from './watch.ts'

async function* chunks(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text, 'latin1')
}

async function linesOf(stream: AsyncIterable<Buffer>): Promise<string[]> {
  const lines: string[] = []
  for await (const { json } of readLines(stream)) lines.push(json.toString())
  return lines
}

test('lines come whole, however they were cut on their way', async () => {
  const lines = await linesOf(chunks('{"a"', ':1}\n{"b":2}\n{', '"c":3}\n'))
  assert.deepEqual(lines, ['{"a":1}', '{"b":2}', '{"c":3}'])
})

test('a character cut in two is put together again', async () => {
  assert.deepEqual(await linesOf(chunks('"\xc3', '\xbc"\n')), ['"ü"'])
})

test('a last line without its end was cut, and is dropped', async () => {
  assert.deepEqual(await linesOf(chunks('{"a":1}\n{"b"')), ['{"a":1}'])
})

test('a line that is too long is reported by its first bytes, held no further, and followed by the next', async () => {
  async function* long(): AsyncGenerator<Buffer> {
    yield Buffer.from('{"type":"MODIFIED","object":{"metadata":{"name":"huge"')
    for (let sent = 0; sent < 64; sent += 1) yield Buffer.alloc(1_048_576, 0x78)
    yield Buffer.from('\n{"b":2}\n')
  }
  const lines: { readonly json: Buffer; readonly whole: boolean }[] = []
  for await (const line of readLines(long())) lines.push(line)
  const [first, second, ...more] = lines
  assert.equal(first?.whole, false)
  assert.ok(first.json.length < 3 * 1_048_576)
  assert.deepEqual([second?.json.toString(), second?.whole, more], ['{"b":2}', true, []])
})
