import {
  type Bytes,
  ascii,
  bytes,
  hex,
  join,
  lengthOctets,
  nothing,
  octetString,
  paddedLength,
  printable,
  sequence,
  tag,
  tlv,
} from '../../kit/requests/der.ts'
import {
  attribute,
  dnsName,
  extension,
  extensionRequest,
  nodeSubject,
  rdn,
  subjectAltName,
  type RequestShape,
} from '../../kit/requests/request.ts'
import type { HostileCase } from './case.ts'

const COMMON_NAME = '2.5.4.3'
/** An element as the value of an attribute that no check allows: only the reader can object first. */
const within = (element: Bytes): RequestShape => ({ otherAttributes: [attribute('1.2.3.4', element)] })
const whole = (der: Bytes): RequestShape => ({ der: () => der })
/** SEQUENCEs around a NULL, `levels` elements in all. */
function nested(levels: number): Bytes {
  const heads: Bytes[] = []
  let length = nothing().length
  for (let level = 1; level < levels; level += 1) {
    const head = join([bytes(tag.sequence), lengthOctets(length)])
    heads.push(head)
    length += head.length
  }
  return join([...heads.toReversed(), nothing()])
}

/** Tricks of tags and lengths: BER where DER belongs, and sizes. */
export const encodingCases: readonly HostileCase[] = [
  { title: 'one-octet', expect: 'Truncated', shape: () => whole(bytes(0x30)) },
  { title: 'length-octets-cut-off', expect: 'Truncated', shape: () => whole(bytes(0x30, 0x82, 1)) },
  { title: 'element-cut-off-inside', expect: 'Truncated', shape: () => within(tlv(tag.sequence, bytes(5))) },
  {
    title: 'end-of-contents',
    source: 'node-forge takes it for an element',
    expect: 'TagForbidden',
    shape: () => within(sequence(bytes(0, 0))),
  },
  { title: 'high-tag-number', expect: 'TagForbidden', shape: () => within(tlv(bytes(0x1f, 0x05), bytes())) },
  {
    title: 'high-tag-number-of-a-dns-name',
    source: 'forge reads no high tags',
    expect: 'TagForbidden',
    shape: () => ({ otherNames: [tlv(bytes(0x9f, 0x02), ascii('kubernetes'))] }),
  },
  { title: 'application-tag', expect: 'TagForbidden', shape: () => within(tlv(0x41, bytes())) },
  { title: 'private-tag', expect: 'TagForbidden', shape: () => within(tlv(0xc1, bytes())) },
  {
    title: 'general-string',
    expect: 'TagForbidden',
    shape: () => ({ subject: [...nodeSubject(), rdn(['2.5.4.11', tlv(0x1b, ascii('x'))])] }),
  },
  { title: 'time', expect: 'TagForbidden', shape: () => within(tlv(0x17, ascii('260101000000Z'))) },
  { title: 'enumerated', expect: 'TagForbidden', shape: () => within(tlv(0x0a, bytes(1))) },
  { title: 'context-tag-9', expect: 'TagForbidden', shape: () => ({ otherNames: [tlv(0x89, ascii('x'))] }) },
  { title: 'primitive-sequence', expect: 'FormWrong', shape: () => within(tlv(0x10, bytes())) },
  { title: 'primitive-set', expect: 'FormWrong', shape: () => within(tlv(0x11, bytes())) },
  {
    title: 'constructed-octet-string',
    source: 'CVE-2025-12816: structure where octets belong',
    expect: 'FormWrong',
    shape: () => within(tlv(0x24, octetString(bytes(1)))),
  },
  { title: 'constructed-bit-string', expect: 'FormWrong', shape: () => within(tlv(0x23, bytes(3, 2, 0, 1))) },
  {
    title: 'constructed-printable-string',
    source: 'X.690 §10.2',
    expect: 'FormWrong',
    shape: () => ({
      subject: nodeSubject().with(1, rdn([COMMON_NAME, tlv(0x33, printable('system:node:node-1'))])),
    }),
  },
  { title: 'constructed-boolean', expect: 'FormWrong', shape: () => within(tlv(0x21, bytes())) },
  { title: 'constructed-oid', expect: 'FormWrong', shape: () => within(tlv(0x26, bytes())) },
  {
    title: 'indefinite-length',
    expect: 'LengthIndefinite',
    shape: () => within(tlv(tag.sequence, [nothing(), bytes(0, 0)], bytes(0x80))),
  },
  {
    title: 'indefinite-length-of-the-whole',
    expect: 'LengthIndefinite',
    shape: () => ({ der: (der) => join([bytes(0x30, 0x80), der.subarray(4), bytes(0, 0)]) }),
  },
  {
    title: 'short-length-in-the-long-form',
    expect: 'LengthNotMinimal',
    shape: () => within(tlv(tag.octetString, bytes(1), paddedLength(1, 1))),
  },
  {
    title: 'length-with-leading-zeros',
    expect: 'LengthNotMinimal',
    shape: () => within(tlv(tag.octetString, bytes(1), paddedLength(1, 4))),
  },
  {
    title: 'length-127-in-the-long-form',
    expect: 'LengthNotMinimal',
    shape: () => within(tlv(tag.octetString, new Uint8Array(127), paddedLength(127, 1))),
  },
  {
    title: 'long-length-with-a-leading-zero',
    expect: 'LengthNotMinimal',
    shape: () => within(tlv(tag.octetString, new Uint8Array(200), paddedLength(200, 2))),
  },
  {
    title: 'attribute-that-go-skips-for-its-length',
    source: 'Go skips the first attribute, node-forge shows it alone',
    expect: 'LengthNotMinimal',
    shape: () => ({
      attributes: [
        tlv(
          tag.sequence,
          extensionRequest(subjectAltName(dnsName('node-1'))).subarray(2),
          paddedLength(37, 1),
        ),
        extensionRequest(subjectAltName(dnsName('kubernetes.default.svc'))),
      ],
    }),
  },
  {
    title: 'element-past-its-holder',
    expect: 'LengthOverrun',
    shape: () => within(sequence(tlv(tag.octetString, bytes(1), bytes(5)))),
  },
  {
    title: 'whole-past-the-end',
    expect: 'LengthOverrun',
    shape: () => ({ der: (der) => der.subarray(0, der.length - 1) }),
  },
  { title: 'length-of-four-octets', expect: 'LengthOverrun', shape: () => whole(hex('30 84 ffffffff 0500')) },
  { title: 'length-of-126-octets', expect: 'Truncated', shape: () => whole(hex('30 fe ffffffff 0500')) },
  {
    title: 'octets-after-the-request',
    expect: 'TrailingElement',
    shape: () => ({ der: (der) => join([der, nothing()]) }),
  },
  {
    title: 'octets-after-a-subject-alt-name',
    source: 'approver-policy#915',
    expect: 'TrailingElement',
    shape: () => ({
      extensions: [
        extension('2.5.29.17', join([sequence(dnsName('node-1')), sequence(dnsName('kubernetes'))])),
      ],
    }),
  },
  {
    title: 'empty-extension-value',
    expect: 'Truncated',
    shape: () => ({ extensions: [extension('2.5.29.17', bytes())] }),
  },
  {
    title: 'nested-17-deep',
    source: 'CVE-2025-66031: recursion without bound',
    expect: 'TooDeep',
    shape: () => whole(nested(17)),
  },
  {
    title: 'nested-1000-deep',
    source: 'CVE-2025-66031: recursion without bound',
    expect: 'TooDeep',
    shape: () => whole(nested(1000)),
  },
  {
    title: 'nested-16000-deep',
    source: 'CVE-2025-66031',
    expect: 'TooDeep',
    shape: () => whole(nested(16_000)),
  },
  {
    title: 'nested-too-deep-in-an-extension',
    expect: 'TooDeep',
    shape: () => ({ otherExtensions: [extension('1.2.3', nested(9))] }),
  },
  {
    title: 'too-many-elements',
    expect: 'TooManyElements',
    shape: () => within(sequence(...Array.from({ length: 1024 }, nothing))),
  },
  {
    title: 'too-many-names',
    expect: 'TooManyElements',
    shape: () => ({ dnsNames: Array.from({ length: 1100 }, (_, index) => `n${index}`) }),
  },
]
