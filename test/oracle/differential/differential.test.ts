import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRequest } from '../../../server/pkcs10/request.ts'
import { buildRequest } from '../../kit/requests/request.ts'
import { caseOf } from './cases.ts'
import { shrink } from './shrink.ts'

test('a case is repeated by its seed, but for keys and signatures', () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const [once, again] = [caseOf(seed), caseOf(seed)]
    assert.equal(once.origin, again.origin)
    if (once.origin === 'honest') {
      const [first, second] = [readRequest(once.request), readRequest(again.request)]
      assert.ok(first.readable && second.readable)
      assert.deepEqual(first.sans, second.sans)
    }
  }
})

test('what shows a disagreement is shrunk to what matters in it', async () => {
  const { request } = buildRequest({
    // with which a smaller one is signed
    key: 'P-256',
    dnsNames: ['a', 'b', 'kubernetes', 'c'],
    addresses: ['10.0.0.1', '10.0.0.2'],
  })
  const shows = async (candidate: string): Promise<boolean> => {
    const read = readRequest(candidate)
    return read.readable && read.sans.some(({ value }) => value === 'kubernetes')
  }
  const small = readRequest(await shrink(request, shows))
  assert.ok(small.readable)
  assert.deepEqual(
    [small.subject, small.attributes.length, small.sans.map(({ value }) => value)],
    [[], 1, ['kubernetes']],
  )
})
