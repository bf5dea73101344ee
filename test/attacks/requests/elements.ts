import {
  type Bytes,
  ascii,
  boolean,
  bytes,
  hex,
  integer,
  nothing,
  octetString,
  oid,
  printable,
  sequence,
  set,
  tag,
  tlv,
} from '../../kit/requests/der.ts'
import {
  attribute,
  dnsName,
  extension,
  nodeSubject,
  rdn,
  type RequestShape,
} from '../../kit/requests/request.ts'
import type { HostileCase } from './case.ts'

const COMMON_NAME = '2.5.4.3'
/** An element as the value of an attribute that no check allows: only the reader can object first. */
const within = (element: Bytes): RequestShape => ({ otherAttributes: [attribute('1.2.3.4', element)] })

/** Content that is not canonical for its type. */
export const elementCases: readonly HostileCase[] = [
  {
    title: 'boolean-of-01',
    expect: 'BooleanNotCanonical',
    shape: () => ({ extensions: [extension('2.5.29.17', sequence(dnsName('node-1')), boolean(1))] }),
  },
  {
    title: 'boolean-of-two-octets',
    expect: 'BooleanNotCanonical',
    shape: () => within(tlv(tag.boolean, bytes(255, 255))),
  },
  { title: 'boolean-empty', expect: 'BooleanNotCanonical', shape: () => within(tlv(tag.boolean, bytes())) },
  { title: 'integer-empty', expect: 'IntegerNotMinimal', shape: () => ({ version: integer(bytes()) }) },
  { title: 'integer-padded', expect: 'IntegerNotMinimal', shape: () => ({ version: integer(bytes(0, 0)) }) },
  {
    title: 'integer-padded-below-zero',
    expect: 'IntegerNotMinimal',
    shape: () => within(integer(bytes(0xff, 0x80))),
  },
  {
    title: 'bit-string-empty',
    expect: 'BitStringMalformed',
    shape: () => within(tlv(tag.bitString, bytes())),
  },
  {
    title: 'bit-string-of-9-unused-bits',
    expect: 'BitStringMalformed',
    shape: () => within(tlv(tag.bitString, bytes(9, 0))),
  },
  {
    title: 'bit-string-of-unused-bits-alone',
    expect: 'BitStringMalformed',
    shape: () => within(tlv(tag.bitString, bytes(1))),
  },
  {
    title: 'bit-string-with-set-padding',
    expect: 'BitStringMalformed',
    shape: () => within(tlv(tag.bitString, bytes(1, 1))),
  },
  { title: 'null-with-content', expect: 'NullNotEmpty', shape: () => within(tlv(tag.null, bytes(0))) },
  { title: 'oid-empty', expect: 'OidMalformed', shape: () => within(tlv(tag.oid, bytes())) },
  { title: 'oid-padded', expect: 'OidMalformed', shape: () => within(tlv(tag.oid, bytes(0x55, 0x80, 0x1d))) },
  { title: 'oid-cut-off', expect: 'OidMalformed', shape: () => within(tlv(tag.oid, bytes(0x55, 0x9d))) },
  {
    title: 'oid-arc-of-2-to-the-32-plus-17',
    source: 'CVE-2025-66030: an arc cut to 32 bits is another OID',
    expect: 'OidMalformed',
    shape: () => ({
      otherExtensions: [
        sequence(tlv(tag.oid, hex('55 1d 90 80 80 80 11')), octetString(sequence(dnsName('kubernetes')))),
      ],
    }),
  },
  { title: 'oid-arc-of-2-to-the-31', expect: 'OidMalformed', shape: () => within(oid(`1.2.${2 ** 31}`)) },
  {
    title: 'oid-of-65-octets',
    expect: 'OidMalformed',
    shape: () => ({ otherAttributes: [attribute(`1.2${'.3'.repeat(64)}`, nothing())] }),
  },
  {
    title: 'utf8-invalid',
    expect: 'StringMalformed',
    shape: () => ({
      commonName: '',
      subject: nodeSubject().with(1, rdn([COMMON_NAME, tlv(tag.utf8, bytes(0xc0, 0x80))])),
    }),
  },
  {
    title: 'utf8-of-a-surrogate',
    expect: 'StringMalformed',
    shape: () => within(tlv(tag.utf8, bytes(0xed, 0xa0, 0x80))),
  },
  {
    title: 'printable-with-an-at-sign',
    expect: 'StringMalformed',
    shape: () => ({ commonName: 'system:node:a@b' }),
  },
  {
    title: 'printable-with-an-asterisk',
    source: 'Go allows * and & in PrintableString',
    expect: 'StringMalformed',
    shape: () => ({ commonName: 'system:node:*' }),
  },
  {
    title: 'numeric-with-a-letter',
    expect: 'StringMalformed',
    shape: () => within(tlv(tag.numeric, ascii('1a'))),
  },
  { title: 'ia5-of-eight-bits', expect: 'StringMalformed', shape: () => within(tlv(tag.ia5, bytes(0x80))) },
  {
    title: 'visible-with-a-newline',
    expect: 'StringMalformed',
    shape: () => within(tlv(tag.visible, ascii('a\n'))),
  },
  {
    title: 'universal-string-cut-off',
    expect: 'StringMalformed',
    shape: () => within(tlv(tag.universal, bytes(0, 0, 0))),
  },
  {
    title: 'set-unsorted',
    expect: 'SetUnsorted',
    shape: () => ({ otherAttributes: [attribute('1.2.3.4', integer(bytes(2)), integer(bytes(1)))] }),
  },
  {
    title: 'set-with-a-member-twice',
    expect: 'SetUnsorted',
    shape: () => ({ otherAttributes: [attribute('1.2.3.4', nothing(), nothing())] }),
  },
  {
    title: 'rdn-unsorted',
    expect: 'SetUnsorted',
    shape: () => ({
      subject: [
        set(sequence(oid('2.5.4.10'), printable('system:nodes')), sequence(oid(COMMON_NAME), printable('x'))),
      ],
    }),
  },
  {
    title: 'attributes-unsorted',
    expect: 'SetUnsorted',
    shape: () => ({ otherAttributes: [attribute('1.2.3.4', nothing())] }),
  },
  {
    title: 'bmp-string-of-three-octets',
    source: 'forge reads two octets at a time, past the end',
    expect: 'ParsersDisagree',
    shape: () => within(tlv(tag.bmp, bytes(0, 0x61, 0))),
  },
  {
    title: 'bmp-string-of-three-octets-before-another',
    source: 'forge takes an octet of what follows',
    expect: 'ParsersDisagree',
    shape: () => within(sequence(tlv(tag.bmp, bytes(0, 0x61, 0)), nothing(), nothing())),
  },
  {
    title: 'bmp-string-that-shifts-what-follows',
    source: 'forge reads on from the second octet of the next element, and finds elements there',
    expect: 'ParsersDisagree',
    shape: () => within(sequence(tlv(tag.bmp, bytes(0, 0x61, 0)), octetString(hex('00 0402aabb')))),
  },
  {
    title: 'dns-name-of-nul-first',
    source: 'forge takes a context tag 2 for an INTEGER',
    expect: 'ParsersDisagree',
    shape: () => ({ dnsNames: ['\0kubernetes'] }),
  },
]
