import {
  ascii,
  bitString,
  boolean,
  bytes,
  explicit,
  implicit,
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
import { sharedKeys } from '../../kit/requests/keys.ts'
import { attribute, dnsName, extension, nodeSubject, subjectAltName } from '../../kit/requests/request.ts'
import type { HostileCase } from './case.ts'

const COMMON_NAME = '2.5.4.3'
const SAN = '2.5.29.17'

/** Structure of the request that RFC 2986 does not have, and Go may not mind. */
export const structureCases: readonly HostileCase[] = [
  { title: 'not-a-sequence', expect: 'RequestMalformed', shape: () => ({ der: () => nothing() }) },
  {
    title: 'four-parts',
    source: 'Go ignores what follows in a SEQUENCE',
    expect: 'RequestMalformed',
    shape: () => ({ der: (der) => sequence(der.subarray(4), nothing()) }),
  },
  {
    title: 'two-parts',
    expect: 'RequestMalformed',
    shape: () => ({ der: () => sequence(nothing(), nothing()) }),
  },
  {
    title: 'info-of-five-parts',
    source: 'Go ignores what follows in a SEQUENCE',
    expect: 'InfoMalformed',
    shape: () => ({ info: (info) => sequence(info.subarray(info[1] === 0x81 ? 3 : 4), nothing()) }),
  },
  {
    title: 'info-without-attributes',
    expect: 'InfoMalformed',
    shape: () => ({
      key: 'P-256',
      info: () => sequence(integer(bytes(0)), sequence(...nodeSubject()), sharedKeys('P-256').spki),
    }),
  },
  {
    title: 'attributes-tagged-1',
    expect: 'InfoMalformed',
    shape: () => ({
      key: 'P-256',
      info: () =>
        sequence(integer(bytes(0)), sequence(...nodeSubject()), sharedKeys('P-256').spki, explicit(1)),
    }),
  },
  { title: 'info-is-a-set', expect: 'InfoMalformed', shape: () => ({ info: () => set(integer(bytes(0))) }) },
  { title: 'version-1', expect: 'VersionUnsupported', shape: () => ({ version: integer(bytes(1)) }) },
  {
    title: 'version-minus-1',
    expect: 'VersionUnsupported',
    shape: () => ({ version: integer(bytes(0xff)) }),
  },
  {
    title: 'subject-is-a-set',
    expect: 'SubjectMalformed',
    shape: () => ({
      key: 'P-256',
      info: () => sequence(integer(bytes(0)), set(), sharedKeys('P-256').spki, explicit(0)),
    }),
  },
  {
    title: 'rdn-is-a-sequence',
    expect: 'SubjectMalformed',
    shape: () => ({ subject: [sequence(sequence(oid(COMMON_NAME), printable('x')))] }),
  },
  { title: 'rdn-empty', expect: 'SubjectMalformed', shape: () => ({ subject: [...nodeSubject(), set()] }) },
  {
    title: 'subject-attribute-of-three',
    source: 'Go ignores what follows in a SEQUENCE',
    expect: 'SubjectMalformed',
    shape: () => ({
      subject: nodeSubject().with(
        1,
        set(sequence(oid(COMMON_NAME), printable('system:node:node-1'), printable('system:masters'))),
      ),
    }),
  },
  {
    title: 'subject-attribute-without-a-type',
    expect: 'SubjectMalformed',
    shape: () => ({ subject: [set(sequence(printable('x'), printable('x')))] }),
  },
  {
    title: 'attribute-without-a-set',
    expect: 'AttributeMalformed',
    shape: () => ({ attributes: [sequence(oid('1.2.840.113549.1.9.14'), sequence())] }),
  },
  {
    title: 'attribute-of-three',
    source: 'Go ignores what follows in a SEQUENCE',
    expect: 'AttributeMalformed',
    shape: () => ({
      attributes: [
        sequence(oid('1.2.840.113549.1.9.14'), set(sequence(subjectAltName(dnsName('node-1')))), nothing()),
      ],
    }),
  },
  {
    title: 'extensions-are-a-set',
    expect: 'ExtensionsMalformed',
    shape: () => ({
      attributes: [attribute('1.2.840.113549.1.9.14', set(subjectAltName(dnsName('node-1'))))],
    }),
  },
  {
    title: 'extension-of-four',
    source: 'Go ignores what follows in a SEQUENCE',
    expect: 'ExtensionsMalformed',
    shape: () => ({
      extensions: [sequence(oid(SAN), boolean(255), octetString(sequence(dnsName('node-1'))), nothing())],
    }),
  },
  {
    title: 'extension-without-a-value',
    expect: 'ExtensionsMalformed',
    shape: () => ({ extensions: [sequence(oid(SAN))] }),
  },
  {
    title: 'extension-value-is-a-bit-string',
    expect: 'ExtensionsMalformed',
    shape: () => ({ extensions: [sequence(oid(SAN), bitString(sequence(dnsName('node-1'))))] }),
  },
  {
    title: 'extension-criticality-is-an-integer',
    expect: 'ExtensionsMalformed',
    shape: () => ({ extensions: [sequence(oid(SAN), integer(bytes(1)), octetString(sequence()))] }),
  },
  {
    title: 'criticality-of-false',
    source: 'X.690 §11.5',
    expect: 'DefaultEncoded',
    shape: () => ({ extensions: [extension(SAN, sequence(dnsName('node-1')), boolean(0))] }),
  },
  {
    title: 'names-are-a-set',
    expect: 'SanMalformed',
    shape: () => ({ extensions: [extension(SAN, set(dnsName('node-1')))] }),
  },
  {
    title: 'name-is-an-ia5-string',
    expect: 'SanMalformed',
    shape: () => ({ otherNames: [tlv(tag.ia5, ascii('kubernetes'))] }),
  },
  {
    title: 'dns-name-constructed',
    source: 'Go skips it as an unknown tag',
    expect: 'SanMalformed',
    shape: () => ({ otherNames: [tlv(0xa2, tlv(tag.ia5, ascii('kubernetes')))] }),
  },
  {
    title: 'directory-name-primitive',
    expect: 'SanMalformed',
    shape: () => ({ otherNames: [implicit(4, ascii('x'))] }),
  },
  { title: 'dns-name-of-eight-bits', expect: 'SanMalformed', shape: () => ({ dnsNames: ['n\xf6de'] }) },
  {
    title: 'criticality-replaced-by-a-structure',
    source: 'CVE-2025-12816: an optional part of another type shifts what follows',
    expect: 'ExtensionsMalformed',
    shape: () => ({
      extensions: [
        sequence(
          oid(SAN),
          octetString(sequence(dnsName('node-1'))),
          octetString(sequence(dnsName('kubernetes'))),
        ),
      ],
    }),
  },
]
