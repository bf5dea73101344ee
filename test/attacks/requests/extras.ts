import {
  ascii,
  bitString,
  boolean,
  bytes,
  integer,
  nothing,
  sequence,
  tag,
  tlv,
  utf8,
} from '../../kit/requests/der.ts'
import {
  attribute,
  dnsName,
  extension,
  extensionRequest,
  nodeSubject,
  rdn,
  subjectAltName,
} from '../../kit/requests/request.ts'
import type { HostileCase } from './case.ts'

const COMMON_NAME = '2.5.4.3'
const ORGANIZATION = '2.5.4.10'
const wide = (text: string): Uint8Array => bytes(...Array.from(ascii(text)).flatMap((octet) => [0, octet]))

/** What a request has that a kubelet's has not: readable, and refused by a check. */
export const extrasCases: readonly HostileCase[] = [
  {
    title: 'organizational-unit',
    expect: 'SubjectHasExtras',
    shape: () => ({ subject: [...nodeSubject(), rdn(['2.5.4.11', 'admins'])] }),
  },
  {
    title: 'serial-number',
    expect: 'SubjectHasExtras',
    shape: () => ({ subject: [rdn(['2.5.4.5', '1']), ...nodeSubject()] }),
  },
  {
    title: 'rdn-of-two',
    source: 'approver-policy#945',
    expect: 'SubjectHasExtras',
    shape: () => ({ subject: [rdn([ORGANIZATION, 'system:nodes'], [COMMON_NAME, 'system:node:node-1'])] }),
  },
  {
    title: 'common-name-in-teletex',
    expect: 'SubjectHasExtras',
    shape: () => ({
      subject: nodeSubject().with(1, rdn([COMMON_NAME, tlv(tag.teletex, ascii('system:node:node-1'))])),
    }),
  },
  {
    title: 'common-name-in-bmp',
    expect: 'SubjectHasExtras',
    shape: () => ({
      subject: nodeSubject().with(1, rdn([COMMON_NAME, tlv(tag.bmp, wide('system:node:node-1'))])),
    }),
  },
  {
    title: 'unit-is-an-integer',
    source: 'Go skips values that are not strings',
    expect: 'SubjectHasExtras',
    shape: () => ({ subject: [...nodeSubject(), rdn(['2.5.4.11', integer(bytes(1))])] }),
  },
  {
    title: 'unit-is-a-sequence',
    expect: 'SubjectHasExtras',
    shape: () => ({ subject: [...nodeSubject(), rdn(['2.5.4.11', sequence()])] }),
  },
  {
    title: 'second-common-name',
    source: 'Go takes the last, node-forge the first',
    expect: 'CommonNameNotRequester',
    shape: () => ({ subject: [...nodeSubject(), rdn([COMMON_NAME, 'system:node:node-2'])] }),
  },
  {
    title: 'second-organization',
    expect: 'OrganizationNotSystemNodes',
    shape: () => ({ organizations: ['system:nodes', 'system:masters'] }),
  },
  {
    title: 'common-name-with-a-nul',
    expect: 'CommonNameNotRequester',
    shape: () => ({ subject: nodeSubject().with(1, rdn([COMMON_NAME, utf8('system:node:node-1\0')])) }),
  },
  {
    title: 'second-extension-request',
    source: 'node-forge shows the first, Go reads both',
    expect: 'RequestHasExtras',
    shape: () => ({ otherAttributes: [extensionRequest(subjectAltName(dnsName('kubernetes.default.svc')))] }),
  },
  {
    title: 'second-value-of-extension-request',
    source: 'Go takes the first value, node-forge all',
    expect: 'RequestHasExtras',
    shape: () => ({
      attributes: [
        attribute(
          '1.2.840.113549.1.9.14',
          sequence(subjectAltName(dnsName('node-1'))),
          sequence(subjectAltName(dnsName('kubernetes'))),
        ),
      ],
    }),
  },
  {
    title: 'extension-request-without-a-value',
    source: 'Go skips it',
    expect: 'RequestHasExtras',
    shape: () => ({ attributes: [attribute('1.2.840.113549.1.9.14')] }),
  },
  {
    title: 'second-subject-alt-name',
    source: 'approver-policy#915',
    expect: 'RequestHasExtras',
    shape: () => ({ otherExtensions: [subjectAltName(dnsName('kubernetes'))] }),
  },
  { title: 'no-attributes', expect: 'RequestHasExtras', shape: () => ({ attributes: [] }) },
  { title: 'no-extensions', expect: 'RequestHasExtras', shape: () => ({ extensions: [] }) },
  {
    title: 'challenge-password',
    expect: 'RequestHasExtras',
    shape: () => ({
      attributes: [
        attribute('1.2.840.113549.1.9.7', utf8('secret')),
        extensionRequest(subjectAltName(dnsName('node-1'))),
      ],
    }),
  },
  {
    title: 'microsoft-extension-request',
    expect: 'RequestHasExtras',
    shape: () => ({
      attributes: [attribute('1.3.6.1.4.1.311.2.1.14', sequence(subjectAltName(dnsName('kubernetes'))))],
    }),
  },
  {
    title: 'basic-constraints-of-a-ca',
    expect: 'RequestHasExtras',
    shape: () => ({ otherExtensions: [extension('2.5.29.19', sequence(boolean(255)), boolean(255))] }),
  },
  {
    title: 'key-usage-of-a-ca',
    expect: 'RequestHasExtras',
    shape: () => ({ otherExtensions: [extension('2.5.29.15', bitString(bytes(4), 2))] }),
  },
  {
    title: 'extension-of-an-unknown-kind',
    expect: 'RequestHasExtras',
    shape: () => ({ otherExtensions: [extension('1.3.6.1.4.1.99999.1', nothing())] }),
  },
]
