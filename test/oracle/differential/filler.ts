import {
  ascii,
  type Bytes,
  bytes,
  integer,
  join,
  nothing,
  oid,
  octetString,
  sequence,
  tag,
  tlv,
} from '../../kit/requests/der.ts'
import { rsaSpki } from '../../kit/requests/keys.ts'
import {
  attribute,
  buildRequest,
  dnsName,
  extension,
  pemOf,
  rdn,
  type RequestShape,
} from '../../kit/requests/request.ts'

/** As much as a request may hold, less what stands around it. */
const ROOM = 65_000

const whole = (der: Bytes): string => buildRequest({ pem: () => pemOf(der) }).request
const request = (shape: RequestShape): string => buildRequest(shape).request
const within = (...values: Bytes[]): string => request({ otherAttributes: [attribute('1.2.3.4', ...values)] })
const repeated = (element: Bytes, count: number): Bytes => join(Array.from({ length: count }, () => element))

function nestedAround(inner: Bytes, levels: number): Bytes {
  return levels === 0 ? inner : sequence(nestedAround(inner, levels - 1))
}

/** Requests of 64 KiB, each made to be slow for some step of a reader. */
export const fillers: Readonly<Record<string, () => string>> = {
  'elements of two octets': () => whole(tlv(tag.sequence, repeated(nothing(), ROOM / 2))),
  'a thousand elements around a large one': () =>
    within(sequence(...Array.from({ length: 950 }, nothing), octetString(new Uint8Array(ROOM - 3000)))),
  'one string of octets': () => within(octetString(new Uint8Array(ROOM))),
  'one string of octets, 12 deep': () => within(nestedAround(octetString(new Uint8Array(ROOM)), 9)),
  'one UTF8String': () => within(tlv(tag.utf8, ascii('a'.repeat(ROOM)))),
  'one PrintableString': () =>
    request({
      subject: [
        rdn([
          '2.5.4.3',
          ascii('a'.repeat(ROOM)).length > 0 ? tlv(tag.printable, ascii('a'.repeat(ROOM))) : nothing(),
        ]),
      ],
    }),
  'one BMPString': () => within(tlv(tag.bmp, new Uint8Array(ROOM).fill(0x61))),
  'one OBJECT IDENTIFIER': () => within(tlv(tag.oid, new Uint8Array(ROOM).fill(1))),
  'one INTEGER': () => within(integer(new Uint8Array(ROOM).fill(1))),
  'one large arc': () => within(tlv(tag.oid, join([new Uint8Array(ROOM).fill(0x81), bytes(1)]))),
  'names of one octet': () => request({ dnsNames: Array.from({ length: 960 }, () => 'a') }),
  'names of 64 octets': () => request({ dnsNames: Array.from({ length: 900 }, () => 'a'.repeat(64)) }),
  'members of a set, sorted': () =>
    within(
      ...Array.from({ length: 900 }, (_, index) =>
        octetString(join([new Uint8Array(66), bytes(index >> 8, index & 255)])),
      ),
    ),
  'subject attributes': () =>
    request({ subject: Array.from({ length: 190 }, () => rdn(['2.5.4.3', 'a'.repeat(300)])) }),
  'extensions within an extension': () =>
    request({ otherExtensions: [extension('1.2.3', sequence(dnsName('a'.repeat(ROOM - 400))))] }),
  'an RSA modulus': () => request({ spki: rsaSpki(new Uint8Array(ROOM).fill(1), bytes(1, 0, 1)) }),
  'an RSA exponent': () => request({ spki: rsaSpki(bytes(1), new Uint8Array(ROOM).fill(1)) }),
  'a signature': () => request({ signature: () => new Uint8Array(ROOM) }),
  'a point of a curve': () =>
    request({
      spki: sequence(
        sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
        tlv(tag.bitString, new Uint8Array(ROOM)),
      ),
    }),
  hyphens: () => Buffer.from('-'.repeat(88_000)).toString('base64'),
  'a block that never ends': () =>
    Buffer.from(`-----BEGIN CERTIFICATE REQUEST-----\n${'A'.repeat(88_000)}`).toString('base64'),
  newlines: () =>
    Buffer.from(
      `-----BEGIN CERTIFICATE REQUEST-----\n${'\n'.repeat(88_000)}-----END CERTIFICATE REQUEST-----\n`,
    ).toString('base64'),
}
