import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildRequest, pemOf } from '../../test/kit/requests/request.ts'
import { readPem, readRequestText } from './pem.ts'

const { der, pem } = buildRequest()
const resultOf = (text: string): string => {
  const read = readPem(text)
  return 'readable' in read ? `${read.code}@${read.at}` : Buffer.from(read).toString('hex')
}

test('the PEM block of a kubelet is read, with and without its last newline', () => {
  assert.equal(resultOf(pem), Buffer.from(der).toString('hex'))
  assert.equal(resultOf(pem.trimEnd()), Buffer.from(der).toString('hex'))
})

test('a body of any length up to three lines is read', () => {
  for (let length = 0; length < 150; length += 1) {
    assert.equal(
      resultOf(pemOf(new Uint8Array(length).fill(length))),
      Buffer.alloc(length, length).toString('hex'),
    )
  }
})

test('a fault gives the offset at which the text stops being a canonical block', () => {
  const body = pem.indexOf('\n') + 1
  assert.equal(resultOf(` ${pem}`), 'PemMissing@0')
  assert.equal(resultOf(pem.slice(0, body + 10)), `PemUnfinished@${body}`)
  assert.equal(resultOf(`${pem}#`), `PemTrailing@${pem.length - 1}`)
  assert.equal(resultOf(pem.replace('\n', '\nA: b\n')), `PemHeader@${body + 1}`)
  assert.equal(resultOf(pem.slice(0, body + 64) + pem.slice(body + 65)), `PemNotCanonical@${body + 64}`)
  assert.equal(resultOf(pemOf(new Uint8Array(1)).replace('AA==', 'AB==')), `PemNotCanonical@${body + 1}`)
})

test('spec.request must be canonical base64', () => {
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
      message: 'not canonical base64',
    })
  }
})
