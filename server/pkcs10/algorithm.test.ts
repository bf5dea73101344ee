import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { readScheme } from './algorithm.ts'

const schemeOf = (oid: string) => readScheme({ oid, parameters: undefined, at: 0 })

test('a signature algorithm that is not verified is called by its name', () => {
  for (const [oid, name] of [
    // RFC 8017 appendix A.2 and C
    ['1.2.840.113549.1.1.4', 'RSA-MD5'],
    ['1.2.840.113549.1.1.5', 'RSA-SHA1'],
    ['1.2.840.113549.1.1.10', 'RSASSA-PSS'],
    ['1.2.840.113549.1.1.14', 'RSA-SHA224'],
    // RFC 3279 §2.2.3, RFC 5758 §3
    ['1.2.840.10045.4.1', 'ECDSA-SHA1'],
    ['1.2.840.10045.4.3.1', 'ECDSA-SHA224'],
    ['2.16.840.1.101.3.4.3.2', 'DSA-SHA256'],
    // RFC 8410 §3
    ['1.3.101.113', 'Ed448'],
    // RFC 9881 §2
    ['2.16.840.1.101.3.4.3.17', 'ML-DSA-44'],
    ['2.16.840.1.101.3.4.3.18', 'ML-DSA-65'],
    ['2.16.840.1.101.3.4.3.19', 'ML-DSA-87'],
  ] as const)
    equal(schemeOf(oid), name)
})

test('a signature algorithm that nobody knows is called by its identifier', () => {
  equal(schemeOf('1.2.3.4'), '1.2.3.4')
})
