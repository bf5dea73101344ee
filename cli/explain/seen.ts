import { formatAddress } from '../../policies/address.ts'
import type { CheckCode } from '../../policies/codes.ts'
import { addresses, commonNames, dnsNames, organizations } from '../../policies/request.ts'
import type { Rules } from '../../policies/rules.ts'
import { SHARE_MS } from '../../policies/share.ts'
import { listed } from '../../policies/text.ts'
import type { ClusterFacts, Facts, NodeFacts, ParsedRequest } from '../../policies/types.ts'

interface Sight {
  readonly facts: Facts
  readonly request: ParsedRequest
  readonly rules: Rules
}

/** The client certificate or token that the requester was authenticated by, since Kubernetes 1.32. */
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id'

/** What a check that passed has looked at. One that did not pass says itself what it saw. */
export function seenBy(code: CheckCode, facts: Facts, rules: Rules): string {
  const { request } = facts
  return request.readable ? (sights[code]?.({ facts, request, rules }) ?? '') : ''
}

const namesOf = ({ request }: Sight): string => listed(dnsNames(request))
const addressesOf = ({ request }: Sight): string => listed(addresses(request).map(formatAddress))

const sights: Readonly<Partial<Record<CheckCode, (sight: Sight) => string>>> = {
  CsrUnreadable: ({ request }) => `one request, signed with ${request.signature.algorithm}`,
  RequesterNotNode: ({ facts: { csr } }) =>
    `${listed([csr.requester.username])} in ${listed(csr.requester.groups)}`,
  CredentialRefused: ({ facts: { csr } }) => listed(csr.requester.extra[CREDENTIAL_ID] ?? []),
  CommonNameNotRequester: ({ request }) => listed(commonNames(request)),
  OrganizationNotSystemNodes: ({ request }) => listed(organizations(request)),
  MetadataHasExtras: ({ facts: { csr } }) =>
    `${csr.finalizers} finalizers, ${csr.ownerReferences} ownerReferences`,
  SubjectHasExtras: ({ request }) => `${request.subject.length} parts of the subject`,
  RequestHasExtras: ({ request }) => `${request.extensions.length} extension`,
  SanKindForbidden: ({ request }) => `${request.sans.length} names and addresses`,
  NameMalformed: namesOf,
  AddressMalformed: addressesOf,
  UsagesNotServing: ({ facts: { csr } }) => listed(csr.usages),
  KeyTooWeak: keyOf,
  KeyOutsidePolicy: keyOf,
  KeyAlreadyUsed: ({ request }) => `SHA-256 of the key ${request.spkiSha256.slice(0, 16)}`,
  LifetimeNotAllowed: ({ facts: { csr } }) =>
    csr.expirationSeconds === null ? 'no lifetime asked' : `${csr.expirationSeconds} s asked`,
  NodeUnknown: (sight) => nodeOf(sight, ({ uid }) => `the Node has uid ${listed([uid])}`),
  AddressMissing: addressesOf,
  NameReserved: namesOf,
  AddressReserved: addressesOf,
  NameNotOfNode: (sight) => nodeOf(sight, ({ names }) => `the Node reports ${listed(names)}`),
  AddressNotOfNode: (sight) =>
    nodeOf(sight, (node) => `the Node reports ${listed(node.addresses.map(formatAddress))}`),
  NameContested: (sight) => uncontested(sight, namesOf(sight)),
  AddressContested: (sight) => uncontested(sight, addressesOf(sight)),
  NameUnproven: ({ facts: { cluster } }) => lookedUpIn(cluster),
  AddressUnproven: ({ facts: { cluster } }) =>
    cluster?.probes.kind === 'here' ? 'the addresses were dialled' : 'no address was dialled',
  NameOutsidePolicy: (sight) =>
    sight.rules.patterns.length === 0 ? 'the policy has no patterns' : namesOf(sight),
  AddressOutsidePolicy: (sight) =>
    sight.rules.prefixes.length === 0 ? 'the policy has no prefixes' : addressesOf(sight),
  NameNotVouched: vouchedBy,
  AddressNotVouched: vouchedBy,
  AdditionNotVouched: ({ rules }) => `onAddition is ${rules.settings.onAddition}`,
  Superseded: () => 'no newer CSR of this node waits',
  Expired: ({ facts: { now, csr } }) =>
    `asked ${Math.max(0, Math.round((now - csr.createdAt) / 1_000))} s ago`,
  TooManyRequests: recentlyApproved,
}

function lookedUpIn(cluster: ClusterFacts | null): string {
  if (cluster === null || cluster.lookups === null) return 'DNS was not asked'
  const names = cluster.lookups.map(({ name }) => name)
  return names.length === 0 ? 'no name needs a proof' : `${listed(names)} looked up in DNS`
}

function vouchedBy({ facts: { cluster } }: Sight): string {
  const count = cluster?.vouched.length ?? 0
  return count === 0 ? 'no source of truth is asked' : `${count} sources of truth were asked`
}

function keyOf({ request: { key } }: Sight): string {
  if (key.type === 'unsupported') return key.name
  return key.type === 'ECDSA' ? `ECDSA on ${key.curve}` : `${key.type}, ${key.bits} bits`
}

function nodeOf({ facts: { cluster } }: Sight, show: (node: NodeFacts) => string): string {
  const node = cluster?.node
  return node?.known === true && node.value !== null ? show(node.value) : ''
}

function uncontested({ facts: { cluster } }: Sight, asked: string): string {
  return hasRivals(cluster) ? `${asked}: given to this Node before` : `no other Node has ${asked}`
}

function hasRivals(cluster: ClusterFacts | null): boolean {
  return cluster?.claims.known === true && cluster.claims.value.length > 0
}

function recentlyApproved({ facts: { cluster, now } }: Sight): string {
  if (cluster?.approvals.known !== true) return ''
  const recent = cluster.approvals.value.filter((at) => now - at < SHARE_MS).length
  return `${recent} approved in the last ${SHARE_MS / 60_000} minutes`
}
