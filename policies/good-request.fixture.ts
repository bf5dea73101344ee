/**
 * Tests only: one good request, that of an honest dual-stack kubelet as the controller sees it, and what breaks one thing
 * in it. Each `with…` takes the facts to change last, so that changes nest.
 */
import { deepStrictEqual } from 'node:assert/strict'
import type { Check } from './check.ts'
import { isAddress } from './address.ts'
import { evaluate } from './evaluate.ts'
import { checksOf } from './index.ts'
import { defaultLimits } from './limits.ts'
import { compileRules, type Rules } from './rules.ts'
import { defaultSettings, type Settings } from './settings.ts'
import type {
  Claim,
  ClusterFacts,
  ClusterStage,
  CsrObject,
  Decision,
  Facts,
  Holding,
  Identity,
  NodeFacts,
  Outcome,
  OwnGrants,
  ParsedRequest,
  Probe,
  San,
} from './types.ts'

/** 2026-01-01T00:00:00Z, when the Node appeared. */
const NODE_APPEARED = 1_767_225_600_000

/** 198.51.100.11 and 2001:db8::11, documentation ranges of RFC 5737 and RFC 3849. */
export const goodIPv4 = 'c633640b'
export const goodIPv6 = '20010db8000000000000000000000011'

export const goodNode: NodeFacts = {
  name: 'worker-1',
  uid: '6d2b8c5e-0000-4000-8000-000000000001',
  createdAt: NODE_APPEARED,
  deleting: false,
  uninitialized: false,
  controlPlane: false,
  names: ['worker-1', 'worker-1.example.com'],
  addresses: [goodIPv4, goodIPv6],
}

const requester: Identity = {
  username: 'system:node:worker-1',
  uid: '',
  groups: ['system:nodes', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${'5f'.repeat(32)}`] },
}

const csr: CsrObject = {
  name: 'csr-x7k2p',
  uid: '6d2b8c5e-0000-4000-8000-000000000002',
  createdAt: NODE_APPEARED + 1_000,
  deleting: false,
  finalizers: 0,
  ownerReferences: 0,
  signerName: 'kubernetes.io/kubelet-serving',
  usages: ['digital signature', 'server auth'],
  expirationSeconds: null,
  requester,
  conditions: [],
  issued: false,
}

const request: ParsedRequest = {
  readable: true,
  subject: [
    [{ oid: '2.5.4.10', encoding: 'PrintableString', value: 'system:nodes', at: 13 }],
    [{ oid: '2.5.4.3', encoding: 'PrintableString', value: 'system:node:worker-1', at: 36 }],
  ],
  attributes: [{ oid: '1.2.840.113549.1.9.14', values: 1, at: 158 }],
  extensions: [{ oid: '2.5.29.17', critical: false, at: 175 }],
  sans: [
    { kind: 'dNSName', value: 'worker-1', at: 186 },
    { kind: 'iPAddress', value: goodIPv4, at: 196 },
    { kind: 'iPAddress', value: goodIPv6, at: 202 },
  ],
  key: { type: 'ECDSA', curve: 'P-256', bits: 256, at: 65 },
  signature: { algorithm: 'ECDSA-SHA256', fitsKey: true, verified: true, at: 220 },
  spkiSha256: '5f'.repeat(32),
}

export const nothingGranted: OwnGrants = {
  held: [],
  served: false,
  unprovenLeft: 8,
  precedence: {},
  reportedMs: {},
  incomplete: null,
  othersIncomplete: null,
}

const cluster: ClusterFacts = {
  node: { known: true, value: goodNode },
  claims: { known: true, value: [] },
  holdings: { known: true, value: [] },
  own: { known: true, value: nothingGranted },
  probes: { kind: 'off' },
  lookups: null,
  reserved: { known: true, value: [] },
  newerPending: { known: true, value: null },
  approvals: { known: true, value: [] },
  sameKey: { known: true, value: null },
  vouched: [],
}

export const goodFacts: ClusterStage = {
  purpose: 'approve',
  now: NODE_APPEARED + 2_000,
  csr,
  caller: null,
  request,
  cluster,
}

export function withCsr(change: Partial<CsrObject>, facts = goodFacts): ClusterStage {
  return { ...facts, csr: { ...facts.csr, ...change } }
}

export function withRequester(change: Partial<Identity>, facts = goodFacts): ClusterStage {
  return withCsr({ requester: { ...facts.csr.requester, ...change } }, facts)
}

/** As the webhook sees it: the caller is the requester but for `change`. */
export function atWebhook(change: Partial<Identity> = {}, facts = goodFacts): ClusterStage {
  return { ...facts, purpose: 'admit', caller: { ...facts.csr.requester, ...change } }
}

export function withRequest(change: Partial<ParsedRequest>, facts = goodFacts): ClusterStage {
  return { ...facts, request: { ...facts.request, ...change } }
}

export function withNames(names: readonly string[], facts = goodFacts): ClusterStage {
  return withRequest({ sans: [...names.map(dnsName), ...ofKind('iPAddress', facts)] }, facts)
}

export function withAddresses(addresses: readonly string[], facts = goodFacts): ClusterStage {
  return withRequest({ sans: [...ofKind('dNSName', facts), ...addresses.map(ipAddress)] }, facts)
}

export function withCluster(change: Partial<ClusterFacts>, facts = goodFacts): ClusterStage {
  return { ...facts, cluster: { ...facts.cluster, ...change } }
}

/** What Node worker-2, which has no certificate yet, reports: the good IPv4 address, but for `change`. */
export function rival(change: Partial<Claim> = {}): Claim {
  const claim = { kind: 'iPAddress', value: goodIPv4, node: 'worker-2' } as const
  return { ...claim, controlPlane: false, served: false, precedence: 2, ...change }
}

/** Other Nodes report these. */
export function withClaims(value: readonly Claim[], facts = goodFacts): ClusterStage {
  return withCluster({ claims: { known: true, value } }, facts)
}

/** The requester's Node, as it is but for `change`. */
export function withNode(change: Partial<NodeFacts>, facts = goodFacts): ClusterStage {
  return withCluster({ node: { known: true, value: { ...goodNode, ...change } } }, facts)
}

/** Another Node holds the good IPv4 address, answers there once, and still reports it. */
export function heldByOther(change: Partial<Holding>, facts = goodFacts): ClusterStage {
  const holding: Holding = {
    kind: 'iPAddress',
    value: goodIPv4,
    node: 'worker-2',
    controlPlane: false,
    csr: 'csr-first',
    grantedAt: goodFacts.now - 3_600_000,
    provenAt: goodFacts.now - 3_600_000,
    sight: 'own',
    leftAt: null,
    elsewhere: [],
  }
  return withCluster({ holdings: { known: true, value: [{ ...holding, ...change }] } }, facts)
}

/** The requester's Node was granted those addresses and names an hour ago, and is otherwise as new as can be. */
export function withOwn(
  { held = [], ...change }: Partial<Omit<OwnGrants, 'held'>> & { readonly held?: readonly string[] },
  facts = goodFacts,
): ClusterStage {
  const grantedAt = goodFacts.now - 3_600_000
  const value: OwnGrants = {
    ...nothingGranted,
    held: held.map((text) => ({
      kind: isAddress(text) ? 'iPAddress' : 'dNSName',
      value: text,
      grantedAt,
      provenAt: null,
      sight: null,
    })),
    served: held.length > 0,
    ...change,
  }
  return withCluster({ own: { known: true, value } }, facts)
}

/** What the controller saw at the good IPv4 address, and at others: `another` is the certificate of worker-2. */
export function seeing(
  what: 'own' | 'another' | 'waiting' | 'stranger' | 'silent' | 'notDialled',
  facts = goodFacts,
  elsewhere: readonly Probe[] = [],
  forMs = 0,
): ClusterStage {
  const certificate = { kind: 'certificate', spkiSha256: 'ab'.repeat(32), forMs } as const
  const results: Readonly<Record<typeof what, readonly Omit<Probe, 'address' | 'ownerGoneMs'>[]>> = {
    own: [{ result: { ...certificate, node: 'worker-1' }, grantedTo: null }],
    another: [{ result: { ...certificate, node: null }, grantedTo: 'worker-2' }],
    waiting: [{ result: { kind: 'noCertificate', forMs }, grantedTo: null }],
    stranger: [{ result: { ...certificate, node: null }, grantedTo: null }],
    silent: [{ result: { kind: 'nothing', forMs }, grantedTo: null }],
    notDialled: [],
  }
  const seen = results[what].map((one) => ({ address: goodIPv4, ownerGoneMs: 0, ...one }))
  const network = { IPv4: 'uncertain', IPv6: 'uncertain' } as const
  return withCluster({ probes: { kind: 'here', results: [...seen, ...elsewhere], network } }, facts)
}

export const notLearnt = (because: string) => ({ known: false, because }) as const

export const defaultRules: Rules = {
  settings: defaultSettings,
  hash: '0123456789ab',
  patterns: [],
  prefixes: [],
  reservedAddresses: [],
  limits: defaultLimits,
  unreachable: [],
  pool: null,
  pools: [],
}

/** The default policy but for `change`; throws when it does not compile. */
export async function rulesWith(change: Partial<Settings>): Promise<Rules> {
  const compiled = await compileRules({ ...defaultSettings, ...change }, defaultRules.hash)
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.faults))
  return compiled.rules
}

export function judge(facts: Facts, rules = defaultRules): Decision {
  return evaluate(facts, rules, checksOf(facts.purpose))
}

/** Holds a check to one outcome, word for word. Public details are tested for all checks together: public-details.test.ts. */
export function expectOutcome(
  check: Check,
  facts: ClusterStage,
  wanted: Outcome,
  rules = defaultRules,
): void {
  const { publicDetail: _, ...outcome }: Outcome & { publicDetail?: string } = check.run(facts, rules)
  deepStrictEqual(outcome, wanted)
}

function dnsName(value: string): San {
  return { kind: 'dNSName', value, at: 186 }
}

function ipAddress(value: string): San {
  return { kind: 'iPAddress', value, at: 196 }
}

function ofKind(kind: San['kind'], facts: ClusterStage): San[] {
  return facts.request.sans.filter((san) => san.kind === kind)
}
