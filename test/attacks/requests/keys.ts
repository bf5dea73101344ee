import { constants, createHash, privateEncrypt } from 'node:crypto'
import {
  bitString,
  bytes,
  hex,
  integer,
  join,
  nothing,
  octetString,
  oid,
  sequence,
  tag,
} from '../../kit/requests/der.ts'
import { ecSpki, rsaSpki, sharedKeys, signatureAlgorithm, type Keys } from '../../kit/requests/keys.ts'
import type { HostileCase } from './case.ts'

const flipLast = (content: Uint8Array): Uint8Array =>
  content.with(content.length - 1, (content.at(-1) ?? 0) ^ 1)
const small = (): Keys => sharedKeys('RSA-1024')
/** A modulus of this many bits, odd, that nobody has the key of: only sizes are looked at. */
const modulus = (bits: number): Uint8Array => join([bytes(0), new Uint8Array(bits / 8).fill(0xff)])
const p256 = (point: Uint8Array): { key: 'P-256'; spki: Uint8Array } => ({
  key: 'P-256',
  spki: ecSpki(oid('1.2.840.10045.3.1.7'), point),
})
const point = (): Uint8Array => sharedKeys('P-256').spki.subarray(-65)

/** Keys and signatures. */
export const keyCases: readonly HostileCase[] = [
  { title: 'rsa-1024', expect: 'KeyTooWeak', shape: () => ({ key: 'RSA-1024' }) },
  {
    title: 'rsa-512',
    source: 'Go does not verify below 1024',
    expect: 'KeyTooWeak',
    shape: () => ({ key: 'RSA-512' }),
  },
  {
    title: 'rsa-16384',
    expect: 'KeyTooWeak',
    shape: () => ({ key: small(), spki: rsaSpki(modulus(16_384), bytes(1, 0, 1)) }),
  },
  {
    title: 'rsa-exponent-1',
    expect: 'KeyTooWeak',
    shape: () => ({ key: small(), spki: rsaSpki(modulus(2048), bytes(1)) }),
  },
  {
    title: 'rsa-exponent-even',
    expect: 'KeyTooWeak',
    shape: () => ({ key: small(), spki: rsaSpki(modulus(2048), bytes(1, 0, 0)) }),
  },
  {
    title: 'rsa-exponent-of-32-bits',
    source: 'Go refuses above 2^31 - 1',
    expect: 'KeyTooWeak',
    shape: () => ({ key: small(), spki: rsaSpki(modulus(2048), hex('00ffffffff')) }),
  },
  {
    title: 'rsa-exponent-of-2048-bits',
    expect: 'KeyMalformed',
    shape: () => ({ key: small(), spki: rsaSpki(modulus(2048), modulus(2048)) }),
  },
  {
    title: 'rsa-modulus-zero',
    source: 'CVE-2026-33891: an inverse of zero was sought for ever',
    expect: 'KeyMalformed',
    shape: () => ({ key: small(), spki: rsaSpki(bytes(0), bytes(1, 0, 1)) }),
  },
  {
    title: 'rsa-modulus-below-zero',
    expect: 'KeyMalformed',
    shape: () => ({ key: small(), spki: rsaSpki(bytes(0xff), bytes(1, 0, 1)) }),
  },
  {
    title: 'rsa-exponent-below-zero',
    expect: 'KeyMalformed',
    shape: () => ({ key: small(), spki: rsaSpki(modulus(2048), bytes(0x81)) }),
  },
  {
    title: 'rsa-key-of-three-numbers',
    source: 'Go ignores the third',
    expect: 'KeyMalformed',
    shape: () => ({
      key: small(),
      spki: sequence(
        sequence(oid('1.2.840.113549.1.1.1'), nothing()),
        bitString(sequence(integer(modulus(2048)), integer(bytes(3)), integer(bytes(3)))),
      ),
    }),
  },
  {
    title: 'rsa-key-with-octets-after',
    source: 'Go ignores them',
    expect: 'TrailingElement',
    shape: () => ({
      key: small(),
      spki: sequence(
        sequence(oid('1.2.840.113549.1.1.1'), nothing()),
        bitString(join([sequence(integer(modulus(2048)), integer(bytes(3))), nothing()])),
      ),
    }),
  },
  {
    title: 'rsa-key-without-null',
    expect: 'AlgorithmMalformed',
    shape: () => ({
      key: small(),
      spki: sequence(sequence(oid('1.2.840.113549.1.1.1')), small().spki.subarray(18)),
    }),
  },
  { title: 'rsa-pss-key', expect: 'KeyTooWeak', shape: () => ({ key: 'RSA-PSS' }) },
  { title: 'p-224', expect: 'KeyTooWeak', shape: () => ({ key: 'P-224' }) },
  { title: 'secp256k1', expect: 'KeyTooWeak', shape: () => ({ key: 'secp256k1' }) },
  {
    title: 'explicit-ec-parameters',
    source: 'CVE-2020-0601',
    expect: 'KeyTooWeak',
    shape: () => ({ key: 'P-256 explicit' }),
  },
  {
    title: 'ec-key-without-a-curve',
    expect: 'AlgorithmMalformed',
    shape: () => ({ key: 'P-256', spki: sequence(sequence(oid('1.2.840.10045.2.1')), bitString(point())) }),
  },
  {
    title: 'ec-key-of-an-implicit-curve',
    expect: 'AlgorithmMalformed',
    shape: () => ({ key: 'P-256', spki: ecSpki(nothing(), point()) }),
  },
  {
    title: 'ec-curve-with-more',
    source: 'Go ignores what follows in a SEQUENCE',
    expect: 'AlgorithmMalformed',
    shape: () => ({
      key: 'P-256',
      spki: sequence(
        sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7'), nothing()),
        bitString(point()),
      ),
    }),
  },
  {
    title: 'ec-point-compressed',
    source: 'OpenSSL reads it, Go does not',
    expect: 'KeyMalformed',
    shape: () => p256(join([bytes(2 + ((point()[64] ?? 0) & 1)), point().subarray(1, 33)])),
  },
  {
    title: 'ec-point-hybrid',
    source: 'OpenSSL reads it, Go does not',
    expect: 'KeyMalformed',
    shape: () => p256(point().with(0, 6 + ((point()[64] ?? 0) & 1))),
  },
  { title: 'ec-point-at-infinity', expect: 'KeyMalformed', shape: () => p256(bytes(0)) },
  { title: 'ec-point-off-the-curve', expect: 'KeyMalformed', shape: () => p256(flipLast(point())) },
  {
    title: 'ed25519-of-31-octets',
    expect: 'KeyMalformed',
    shape: () => ({
      key: 'Ed25519',
      spki: sequence(sequence(oid('1.3.101.112')), bitString(new Uint8Array(31))),
    }),
  },
  {
    title: 'ed25519-with-null',
    expect: 'AlgorithmMalformed',
    shape: () => ({
      key: 'Ed25519',
      spki: sequence(sequence(oid('1.3.101.112'), nothing()), bitString(new Uint8Array(32))),
    }),
  },
  {
    title: 'key-with-unused-bits',
    source: 'Go shifts the octets to the right',
    expect: 'KeyMalformed',
    shape: () => ({ spki: sequence(sequence(oid('1.3.101.112')), bitString(new Uint8Array(32), 1)) }),
  },
  {
    title: 'key-of-three-parts',
    expect: 'KeyMalformed',
    shape: () => ({ spki: sequence(sequence(oid('1.3.101.112')), bitString(new Uint8Array(32)), nothing()) }),
  },
  { title: 'dsa', expect: 'KeyTooWeak', shape: () => ({ key: 'DSA' }) },
  { title: 'ed448', expect: 'KeyTooWeak', shape: () => ({ key: 'Ed448' }) },
  {
    title: 'x25519',
    expect: 'KeyTooWeak',
    shape: () => ({ spki: sequence(sequence(oid('1.3.101.110')), bitString(new Uint8Array(32).fill(9))) }),
  },
  { title: 'ml-dsa-44', expect: 'KeyTooWeak', shape: () => ({ key: 'ML-DSA-44' }) },
  { title: 'ml-dsa-65', expect: 'KeyTooWeak', shape: () => ({ key: 'ML-DSA-65' }) },
  { title: 'ml-dsa-87', expect: 'KeyTooWeak', shape: () => ({ key: 'ML-DSA-87' }) },
  {
    title: 'sha-1',
    source: 'Go still takes it for requests',
    expect: 'KeyTooWeak',
    shape: () => ({ hash: 'sha1' }),
  },
  { title: 'rsa-sha-1', expect: 'KeyTooWeak', shape: () => ({ key: 'RSA-2048', hash: 'sha1' }) },
  { title: 'rsa-sha-224', expect: 'KeyTooWeak', shape: () => ({ key: 'RSA-2048', hash: 'sha224' }) },
  {
    title: 'signature-of-another-kind-of-key',
    expect: 'KeyTooWeak',
    shape: () => ({ algorithm: signatureAlgorithm(sharedKeys('RSA-2048')) }),
  },
  {
    title: 'signature-algorithm-unknown',
    expect: 'KeyTooWeak',
    shape: () => ({ algorithm: sequence(oid('1.2.3.4')) }),
  },
  {
    title: 'signature-algorithm-without-an-oid',
    expect: 'AlgorithmMalformed',
    shape: () => ({ algorithm: sequence(nothing()) }),
  },
  {
    title: 'ecdsa-signature-with-null',
    source: 'Go looks at the identifier alone',
    expect: 'AlgorithmMalformed',
    shape: () => ({ algorithm: sequence(oid('1.2.840.10045.4.3.2'), nothing()) }),
  },
  {
    title: 'rsa-signature-without-null',
    expect: 'AlgorithmMalformed',
    shape: () => ({ key: 'RSA-2048', algorithm: sequence(oid('1.2.840.113549.1.1.11')) }),
  },
  {
    title: 'signature-with-unused-bits',
    expect: 'SignatureMalformed',
    shape: () => ({ der: (der) => unusedBit(der) }),
  },
  { title: 'signature-of-other-octets', expect: 'SignatureInvalid', shape: () => ({ signature: flipLast }) },
  { title: 'signature-empty', expect: 'SignatureInvalid', shape: () => ({ signature: () => bytes() }) },
  { title: 'signature-by-another-key', expect: 'SignatureInvalid', shape: () => ({ spki: otherKey() }) },
  {
    title: 'signature-with-octets-after',
    expect: 'SignatureInvalid',
    shape: () => ({ signature: (made) => join([made, bytes(0)]) }),
  },
  {
    title: 'signature-of-sha-384-for-256',
    expect: 'SignatureInvalid',
    shape: () => ({ hash: 'sha384', algorithm: sequence(oid('1.2.840.10045.4.3.2')) }),
  },
  {
    title: 'rsa-exponent-zero',
    source: 'CVE-2026-33891: an inverse of zero was sought for ever',
    expect: 'KeyMalformed',
    shape: () => ({ key: small(), spki: rsaSpki(modulus(2048), bytes(0)) }),
  },
  {
    title: 'ecdsa-signature-of-zeros',
    source: 'CVE-2026-33891: an inverse of zero was sought for ever',
    expect: 'SignatureInvalid',
    shape: () => ({ signature: () => sequence(integer(bytes(0)), integer(bytes(0))) }),
  },
  {
    title: 'rsa-digest-info-with-more',
    source: 'CVE-2026-33894: octets after the digest, room for a forgery under exponent 3',
    expect: 'SignatureInvalid',
    shape: () => ({ key: 'RSA of exponent 3', signature: (_, info) => signedDigestInfo(info, nothing()) }),
  },
  {
    title: 'ed25519-signature-plus-the-order',
    source: 'CVE-2026-33895: a scalar not below the order of the group',
    expect: 'SignatureInvalid',
    shape: () => ({ key: 'Ed25519', signature: plusOrder }),
  },
]

/** The signature's BIT STRING, which ends the request, says that its last bit, made zero, is unused. */
function unusedBit(der: Uint8Array): Uint8Array {
  const isBitString = (octet: number, at: number): boolean =>
    octet === tag.bitString && der[at + 1] === der.length - at - 2
  const at = der.findLastIndex(isBitString)
  return der.with(at + 2, 1).with(der.length - 1, (der.at(-1) ?? 0) & 0xfe)
}

/** The base point of P-256, whose private key is 1. */
const otherKey = (): Uint8Array =>
  ecSpki(
    oid('1.2.840.10045.3.1.7'),
    hex(
      '04 6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296' +
        '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
    ),
  )

/** A PKCS#1 v1.5 signature, RFC 8017 §9.2, whose DigestInfo has one element too many. */
function signedDigestInfo(info: Uint8Array, more: Uint8Array): Uint8Array {
  const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'), nothing())
  const digest = octetString(Uint8Array.from(createHash('sha256').update(info).digest()))
  const { privateKey } = sharedKeys('RSA of exponent 3')
  return Uint8Array.from(
    privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, sequence(sha256, digest, more)),
  )
}

/** RFC 8032 §5.1.7: the second half of a signature is a number, little-endian, below the order of the group. */
function plusOrder(made: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n
  const scalar = BigInt(`0x${Buffer.from(made.subarray(32).toReversed()).toString('hex')}`) + order
  const octets = hex(scalar.toString(16).padStart(64, '0')).toReversed()
  return join([made.subarray(0, 32), octets])
}
