import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildRequest, pemOf } from '../../test/kit/requests/request.ts'
import { readPem, readRequestText } from './pem.ts'

const { der, pem } = buildRequest()
const told = (text: string): string => {
  const read = readPem(text)
  return 'readable' in read ? `${read.code}@${read.at}` : Buffer.from(read).toString('hex')
}

test('the block that a kubelet writes is read, with and without its last newline', () => {
  assert.equal(told(pem), Buffer.from(der).toString('hex'))
  assert.equal(told(pem.trimEnd()), Buffer.from(der).toString('hex'))
})

test('a body of every length up to three lines is read', () => {
  for (let length = 0; length < 150; length += 1) {
    assert.equal(
      told(pemOf(new Uint8Array(length).fill(length))),
      Buffer.alloc(length, length).toString('hex'),
    )
  }
})

test('a fault says where the text departs from the one block', () => {
  const body = pem.indexOf('\n') + 1
  assert.equal(told(` ${pem}`), 'PemMissing@0')
  assert.equal(told(pem.slice(0, body + 10)), `PemUnfinished@${body}`)
  assert.equal(told(`${pem}#`), `PemTrailing@${pem.length - 1}`)
  assert.equal(told(pem.replace('\n', '\nA: b\n')), `PemHeader@${body + 1}`)
  assert.equal(told(pem.slice(0, body + 64) + pem.slice(body + 65)), `PemNotCanonical@${body + 64}`)
  assert.equal(told(pemOf(new Uint8Array(1)).replace('AA==', 'AB==')), `PemNotCanonical@${body + 1}`)
})

test('spec.request is canonical base64', () => {
  assert.equal(readRequestText('aGVsbG8='), 'hello')
  for (const [text, at] of [
    ['aGVsbG8', 7],
    ['aGVsbG8= ', 8],
    ['aGVs\nbG8=', 4],
    ['aGVsbG9=', 6],
    ['aGVs-_==', 4],
  ] as const) {
    assert.deepEqual(readRequestText(text), {
      readable: false,
      code: 'Base64NotCanonical',
      at,
      message: 'not the canonical base64 of any octets',
    })
  }
})
