import assert from 'node:assert/strict'
import test from 'node:test'
import { readLines } from './watch.ts'

async function* chunks(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text, 'latin1')
}

async function linesOf(stream: AsyncIterable<Buffer>): Promise<string[]> {
  const lines: string[] = []
  for await (const line of readLines(stream)) lines.push(line.text)
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

test('a line that never ends is given up past the largest object', async () => {
  let sent = 0
  async function* endless(): AsyncGenerator<Buffer> {
    for (; sent < 100; sent += 1) yield Buffer.alloc(1_048_576, 0x78)
  }
  const message = 'a line of the watch is longer than 16778240 bytes'
  await assert.rejects(linesOf(endless()), { message })
  assert.equal(sent, 16)
})
