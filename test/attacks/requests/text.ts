import { bytes, octetString, tlv, tag } from '../../kit/requests/der.ts'
import { buildRequest, pemOf } from '../../kit/requests/request.ts'
import type { HostileCase } from './case.ts'

const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
const honest = (): string => buildRequest().request
const evil = (): string => buildRequest({ dnsNames: ['kubernetes.default.svc'] }).pem

/** Tricks of base64 and PEM framing. Go's pem.Decode takes nearly all of these. */
export const textCases: readonly HostileCase[] = [
  { title: 'nothing', expect: 'PemMissing', shape: () => '' },
  {
    title: 'base64-with-a-newline',
    expect: 'Base64NotCanonical',
    shape: () => `${honest().slice(0, 40)}\n${honest().slice(40)}`,
  },
  {
    title: 'base64-unpadded',
    expect: 'Base64NotCanonical',
    shape: () => base64('-----BEGIN').replaceAll('=', ''),
  },
  { title: 'base64-with-bits-after-the-end', expect: 'Base64NotCanonical', shape: () => 'LQ==LQ==' },
  { title: 'base64-url-alphabet', expect: 'Base64NotCanonical', shape: () => '-_-_' },
  { title: 'base64-of-one-character', expect: 'Base64NotCanonical', shape: () => 'A' },
  {
    title: 'der-instead-of-pem',
    expect: 'PemMissing',
    shape: () => Buffer.from(buildRequest().der).toString('base64'),
  },
  {
    title: 'text-before-the-block',
    source: 'Go encoding/pem Decode',
    expect: 'PemMissing',
    shape: () => ({ pem: (pem) => `hello\n${pem}` }),
  },
  { title: 'newline-before-the-block', expect: 'PemMissing', shape: () => ({ pem: (pem) => `\n${pem}` }) },
  { title: 'byte-order-mark', expect: 'PemMissing', shape: () => ({ pem: (pem) => `\xef\xbb\xbf${pem}` }) },
  {
    title: 'another-block-first',
    source: 'Go encoding/pem Decode takes the first block',
    expect: 'PemMissing',
    shape: () => ({ pem: (pem) => `${pemOf(bytes(5, 0), 'CERTIFICATE')}${pem}` }),
  },
  {
    title: 'label-of-old',
    expect: 'PemMissing',
    shape: () => ({ pem: (pem) => pem.replaceAll('CERTIFICATE', 'NEW CERTIFICATE') }),
  },
  {
    title: 'label-of-a-certificate',
    expect: 'PemMissing',
    shape: () => ({ pem: (pem) => pem.replaceAll(' REQUEST', '') }),
  },
  {
    title: 'begin-with-blanks',
    expect: 'PemMissing',
    shape: () => ({ pem: (pem) => pem.replace('REQUEST-----\n', 'REQUEST----- \n') }),
  },
  {
    title: 'end-of-another-label',
    expect: 'PemUnfinished',
    shape: () => ({ pem: (pem) => pem.replace('END CERTIFICATE REQUEST', 'END CERTIFICATE') }),
  },
  {
    title: 'no-end',
    expect: 'PemUnfinished',
    shape: () => ({ pem: (pem) => pem.slice(0, pem.indexOf('-----END')) }),
  },
  {
    title: 'end-on-a-body-line',
    expect: 'PemUnfinished',
    shape: () => ({ pem: (pem) => pem.replace('\n-----END', '-----END') }),
  },
  { title: 'second-block-after', expect: 'PemTrailing', shape: () => ({ pem: (pem) => pem + evil() }) },
  { title: 'text-after-the-block', expect: 'PemTrailing', shape: () => ({ pem: (pem) => `${pem}x` }) },
  {
    title: 'two-newlines-after-the-block',
    expect: 'PemTrailing',
    shape: () => ({ pem: (pem) => `${pem}\n` }),
  },
  {
    title: 'nul-after-the-block',
    expect: 'PemTrailing',
    shape: () => ({ pem: (pem) => `${pem.trimEnd()}\0` }),
  },
  {
    title: 'header',
    expect: 'PemHeader',
    shape: () => ({ pem: (pem) => pem.replace('\n', '\nProc-Type: 4,ENCRYPTED\n\n') }),
  },
  {
    title: 'header-of-a-colon',
    expect: 'PemHeader',
    shape: () => ({ pem: (pem) => pem.replace('\n', '\n:\n') }),
  },
  {
    title: 'begin-twice',
    source: 'Go encoding/pem Decode takes the last BEGIN',
    expect: 'PemNotCanonical',
    shape: () => ({ pem: (pem) => `${pem.slice(0, pem.indexOf('-----END'))}${evil()}` }),
  },
  {
    title: 'carriage-returns',
    expect: 'PemMissing',
    shape: () => ({ pem: (pem) => pem.replaceAll('\n', '\r\n') }),
  },
  {
    title: 'carriage-return-in-the-body',
    expect: 'PemNotCanonical',
    shape: () => ({ pem: (pem) => pem.replace('\n-----END', '\r\n-----END') }),
  },
  {
    title: 'lines-of-76',
    expect: 'PemNotCanonical',
    shape: () => ({ pem: () => wrapped(buildRequest().der, 76) }),
  },
  {
    title: 'one-long-line',
    expect: 'PemNotCanonical',
    shape: () => ({ pem: () => wrapped(buildRequest().der, 9999) }),
  },
  {
    title: 'blank-line-in-the-body',
    expect: 'PemNotCanonical',
    shape: () => ({ pem: (pem) => pem.replace('\n-----END', '\n\n-----END') }),
  },
  {
    title: 'blanks-in-the-body',
    expect: 'PemNotCanonical',
    shape: () => ({ pem: (pem) => pem.replace(/\nM(.)/, '\nM $1') }),
  },
  {
    title: 'body-not-base64',
    expect: 'PemNotCanonical',
    shape: () => ({ pem: (pem) => pem.replace(/\nM(.)/, '\nM!') }),
  },
  { title: 'empty-block', expect: 'Truncated', shape: () => ({ pem: () => pemOf(bytes()) }) },
  {
    title: 'too-large-by-one-octet',
    expect: 'RequestTooLarge',
    shape: () => ({ pem: () => pemOf(octetString(new Uint8Array(65_533))) }),
  },
  {
    title: 'too-large-by-a-line',
    expect: 'RequestTooLarge',
    shape: () => ({ pem: () => pemOf(octetString(new Uint8Array(65_600))) }),
  },
  { title: 'too-large-by-far', expect: 'RequestTooLarge', shape: () => base64('A'.repeat(1_000_000)) },
  {
    title: 'as-large-as-can-be',
    expect: 'RequestMalformed',
    shape: () => ({ pem: () => pemOf(tlv(tag.octetString, new Uint8Array(65_532))) }),
  },
]

function wrapped(der: Uint8Array, width: number): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(new RegExp(`.{1,${width}}`, 'g')) ?? []
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n')
}
