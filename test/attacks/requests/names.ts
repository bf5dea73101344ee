import { ascii, bytes, explicit, hex, implicit, oid, sequence, tlv, utf8 } from '../../kit/requests/der.ts'
import { nodeSubject } from '../../kit/requests/request.ts'
import type { HostileCase } from './case.ts'

/** Names and addresses that no node has. */
export const nameCases: readonly HostileCase[] = [
  { title: 'no-names', expect: 'SanKindForbidden', shape: () => ({ dnsNames: [], addresses: [] }) },
  {
    title: 'names-101',
    expect: 'SanKindForbidden',
    shape: () => ({ dnsNames: Array.from({ length: 100 }, (_, index) => `n${index}`) }),
  },
  {
    title: 'other-name',
    source: 'approver-policy#915: Go drops it',
    expect: 'SanKindForbidden',
    shape: () => ({ otherNames: [tlv(0xa0, [oid('1.3.6.1.4.1.311.20.2.3'), explicit(0, utf8('admin'))])] }),
  },
  {
    title: 'email',
    expect: 'SanKindForbidden',
    shape: () => ({ otherNames: [implicit(1, ascii('root@localhost'))] }),
  },
  { title: 'x400-address', expect: 'SanKindForbidden', shape: () => ({ otherNames: [tlv(0xa3, bytes())] }) },
  {
    title: 'directory-name',
    expect: 'SanKindForbidden',
    shape: () => ({ otherNames: [tlv(0xa4, sequence(...nodeSubject()))] }),
  },
  {
    title: 'edi-party-name',
    expect: 'SanKindForbidden',
    shape: () => ({ otherNames: [tlv(0xa5, explicit(1, utf8('x')))] }),
  },
  {
    title: 'uri',
    expect: 'SanKindForbidden',
    shape: () => ({ otherNames: [implicit(6, ascii('spiffe://cluster/ns/x'))] }),
  },
  {
    title: 'registered-id',
    expect: 'SanKindForbidden',
    shape: () => ({ otherNames: [implicit(8, bytes(0x2a, 3))] }),
  },
  { title: 'wildcard', expect: 'NameMalformed', shape: () => ({ dnsNames: ['*.example.com'] }) },
  { title: 'wildcard-inside', expect: 'NameMalformed', shape: () => ({ dnsNames: ['node-*'] }) },
  {
    title: 'trailing-dot',
    expect: 'NameMalformed',
    shape: () => ({ dnsNames: ['kubernetes.default.svc.'] }),
  },
  { title: 'leading-dot', expect: 'NameMalformed', shape: () => ({ dnsNames: ['.svc'] }) },
  { title: 'empty-name', expect: 'NameMalformed', shape: () => ({ dnsNames: [''] }) },
  { title: 'empty-label', expect: 'NameMalformed', shape: () => ({ dnsNames: ['a..b'] }) },
  { title: 'underscore', expect: 'NameMalformed', shape: () => ({ dnsNames: ['node_1'] }) },
  { title: 'nul-inside', expect: 'NameMalformed', shape: () => ({ dnsNames: ['node-1\0.example.com'] }) },
  { title: 'blank-around', expect: 'NameMalformed', shape: () => ({ dnsNames: [' node-1'] }) },
  { title: 'newline-inside', expect: 'NameMalformed', shape: () => ({ dnsNames: ['node-1\nkubernetes'] }) },
  { title: 'label-of-64', expect: 'NameMalformed', shape: () => ({ dnsNames: ['a'.repeat(64)] }) },
  { title: 'name-of-254', expect: 'NameMalformed', shape: () => ({ dnsNames: [`${'a.'.repeat(126)}ab`] }) },
  { title: 'hyphen-first', expect: 'NameMalformed', shape: () => ({ dnsNames: ['-node'] }) },
  {
    title: 'name-that-reads-as-an-address',
    expect: 'NameMalformed',
    shape: () => ({ dnsNames: ['10.0.0.1'] }),
  },
  {
    title: 'name-that-reads-as-a-short-address',
    expect: 'NameMalformed',
    shape: () => ({ dnsNames: ['127.1'] }),
  },
  { title: 'name-in-hex', expect: 'NameMalformed', shape: () => ({ dnsNames: ['0x7f000001'] }) },
  { title: 'name-that-reads-as-ipv6', expect: 'NameMalformed', shape: () => ({ dnsNames: ['::1'] }) },
  { title: 'name-with-a-port', expect: 'NameMalformed', shape: () => ({ dnsNames: ['node-1:443'] }) },
  {
    title: 'address-of-no-octets',
    expect: 'AddressMalformed',
    shape: () => ({ otherNames: [implicit(7, bytes())] }),
  },
  {
    title: 'address-of-3-octets',
    expect: 'AddressMalformed',
    shape: () => ({ otherNames: [implicit(7, bytes(10, 0, 1))] }),
  },
  {
    title: 'address-and-mask',
    expect: 'AddressMalformed',
    shape: () => ({ otherNames: [implicit(7, hex('0a000000 ff000000'))] }),
  },
  {
    title: 'address-of-17-octets',
    expect: 'AddressMalformed',
    shape: () => ({ otherNames: [implicit(7, new Uint8Array(17))] }),
  },
  {
    title: 'address-as-text',
    expect: 'AddressMalformed',
    shape: () => ({ otherNames: [implicit(7, ascii('10.0.0.1'))] }),
  },
  {
    title: 'address-mapped',
    source: 'Go takes it for the IPv4 address',
    expect: 'AddressMalformed',
    shape: () => ({ addresses: ['::ffff:10.0.0.1'] }),
  },
]
