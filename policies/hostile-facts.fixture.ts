/* oxlint-disable max-lines -- one fixture for all that is judged */
/** Tests only: facts of every shape that the types allow, many of them nearly good so that late checks are reached. */
import fc from 'fast-check'
import {
  defaultRules,
  goodFacts,
  goodIPv4,
  goodIPv6,
  goodNode,
  nothingGranted,
} from './good-request.fixture.ts'
import type { Rules } from './rules.ts'
import type {
  Claim,
  ClusterFacts,
  ClusterStage,
  CsrObject,
  Holding,
  Identity,
  Lookup,
  Known,
  NodeFacts,
  OwnGrants,
  ParsedRequest,
  Precedence,
  ProbeResult,
  Probes,
  PublicKey,
  Reservation,
  Vouched,
  San,
} from './types.ts'

/** What a requester may have written: control characters, lone surrogates, property names, length. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('a', '.', '-', '\u0000', '\n', '\u001b', '\u202e', '\ud800', '"', '\\'),
  }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'kubernetes', 'a.svc', '*.b', '10.0.0.1'),
  fc.constantFrom('worker-1', 'WORKER-1', 'system:node:worker-1', 'system:nodes', 'system:node:'),
  fc.integer({ min: 0, max: 70_000 }).map((length) => '\u001b'.repeat(length)),
)
const hostileHex = fc.oneof(
  fc.constantFrom(goodIPv4, goodIPv6, '7f000001', '', '0'.repeat(32), `00000000000000000000ffff${goodIPv4}`),
  fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.from(octets).toString('hex')),
)
const offset = fc.nat(70_000)
const time = fc.oneof(
  fc.integer({ min: -10_000, max: 2_000_000 }).map((ms) => goodFacts.now - ms),
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
)

const identity: fc.Arbitrary<Identity> = fc.record({
  username: mostly(goodFacts.csr.requester.username, hostileText),
  uid: mostly('', hostileText),
  groups: mostly(goodFacts.csr.requester.groups, fc.array(hostileText, { maxLength: 4 })),
  extra: mostly({}, fc.dictionary(hostileText, fc.array(hostileText, { maxLength: 2 }), { maxKeys: 3 })),
})

const csr: fc.Arbitrary<CsrObject> = fc.record({
  name: hostileText,
  uid: hostileText,
  createdAt: mostly(goodFacts.csr.createdAt, time),
  deleting: fc.constant(false),
  finalizers: mostly(0, fc.nat()),
  ownerReferences: mostly(0, fc.nat()),
  signerName: fc.constant(goodFacts.csr.signerName),
  usages: mostly(goodFacts.csr.usages, fc.array(hostileText, { maxLength: 5 })),
  expirationSeconds: mostly(null, fc.nat()),
  requester: mostly(goodFacts.csr.requester, identity),
  conditions: fc.constant([]),
  issued: fc.constant(false),
})

const san: fc.Arbitrary<San> = fc.oneof(
  fc.record({ kind: fc.constant('dNSName' as const), value: hostileText, at: offset }),
  fc.record({ kind: fc.constant('iPAddress' as const), value: hostileHex, at: offset }),
  fc.record({ kind: fc.constantFrom('otherName', 'registeredID'), value: hostileHex, at: offset }),
)

const attribute = fc.record({
  oid: fc.oneof(fc.constantFrom('2.5.4.3', '2.5.4.10'), hostileText),
  encoding: fc.oneof(fc.constantFrom('UTF8String', 'PrintableString'), hostileText),
  value: hostileText,
  at: offset,
})

const key: fc.Arbitrary<PublicKey> = fc.oneof(
  fc.record({ type: fc.constant('RSA' as const), bits: fc.nat(70_000), exponent: hostileText, at: offset }),
  fc.record({
    type: fc.constant('ECDSA' as const),
    curve: fc.constantFrom('P-256', 'P-384', 'P-521'),
    bits: fc.nat(600),
    at: offset,
  }),
  fc.record({ type: fc.constant('unsupported' as const), name: hostileText, at: offset }),
)

const request: fc.Arbitrary<ParsedRequest> = fc.record({
  readable: fc.constant(true as const),
  subject: mostly(
    goodFacts.request.subject,
    fc.array(fc.array(attribute, { maxLength: 3 }), { maxLength: 4 }),
  ),
  attributes: mostly(
    goodFacts.request.attributes,
    fc.array(fc.record({ oid: hostileText, values: fc.nat(3), at: offset }), { maxLength: 3 }),
  ),
  extensions: mostly(
    goodFacts.request.extensions,
    fc.array(fc.record({ oid: hostileText, critical: fc.boolean(), at: offset }), { maxLength: 3 }),
  ),
  sans: mostly(goodFacts.request.sans, fc.array(san, { maxLength: 120, size: 'max' })),
  key: mostly(goodFacts.request.key, key),
  signature: mostly(
    goodFacts.request.signature,
    fc.record({ algorithm: hostileText, fitsKey: fc.boolean(), verified: fc.boolean(), at: offset }),
  ),
  spkiSha256: fc.constant(goodFacts.request.spkiSha256),
})

const node: fc.Arbitrary<NodeFacts> = fc.record({
  name: fc.constant(goodNode.name),
  uid: hostileText,
  createdAt: mostly(goodNode.createdAt, time),
  deleting: mostly(false, fc.boolean()),
  uninitialized: mostly(false, fc.boolean()),
  controlPlane: fc.boolean(),
  names: mostly(goodNode.names, fc.array(hostileText, { maxLength: 4 })),
  addresses: mostly(goodNode.addresses, fc.array(hostileHex, { maxLength: 4 })),
})

const kind = fc.constantFrom('dNSName', 'iPAddress')
const value = fc.oneof(hostileText, hostileHex)
const precedence = fc.constantFrom<Precedence[]>(0, 1, 2)
const claim: fc.Arbitrary<Claim> = fc.record({
  kind,
  value,
  node: hostileText,
  controlPlane: fc.boolean(),
  served: fc.boolean(),
  precedence,
})
const sight = fc.constantFrom('own' as const, 'waiting' as const, 'silent' as const, null)
const holding: fc.Arbitrary<Holding> = fc.record({
  kind,
  value,
  node: hostileText,
  controlPlane: fc.boolean(),
  csr: hostileText,
  grantedAt: time,
  provenAt: fc.option(time),
  sight,
  leftAt: fc.option(time),
  elsewhere: fc.array(hostileHex, { maxLength: 4 }),
})
const own: fc.Arbitrary<OwnGrants> = fc.record({
  held: fc.array(fc.record({ kind, value, grantedAt: time, provenAt: fc.option(time), sight }), {
    maxLength: 5,
  }),
  served: fc.boolean(),
  unprovenLeft: fc.nat(9),
  precedence: fc.dictionary(hostileHex, precedence, { maxKeys: 3 }),
  reportedMs: fc.dictionary(hostileHex, fc.nat(60_000), { maxKeys: 3 }),
  incomplete: mostly(null, hostileText),
  othersIncomplete: mostly(null, hostileText),
})
const result: fc.Arbitrary<ProbeResult> = fc.oneof(
  fc.record({
    kind: fc.constant('certificate' as const),
    spkiSha256: hostileHex,
    node: fc.option(hostileText),
    forMs: fc.nat(),
  }),
  fc.record({
    kind: fc.constantFrom('noCertificate' as const, 'other' as const, 'nothing' as const),
    forMs: fc.nat(),
  }),
)
const probe = fc.record({
  address: hostileHex,
  result,
  grantedTo: fc.option(hostileText),
  ownerGoneMs: fc.nat(1_200_000),
})
const network = fc.constantFrom('works' as const, 'uncertain' as const)
const probes: fc.Arbitrary<Probes> = fc.oneof(
  fc.record({
    kind: fc.constant('here' as const),
    results: fc.array(probe, { maxLength: 5 }),
    network: fc.record({ IPv4: network, IPv6: network }, { requiredKeys: [] }),
  }),
  fc.constant({ kind: 'later' as const }),
  fc.record({ kind: fc.constant('none' as const), because: hostileText }),
)
const lookup: fc.Arbitrary<Lookup> = fc.record({
  name: fc.oneof(hostileText, fc.constantFrom('worker-1', 'worker-1.example.com')),
  leadsTo: learnt([], fc.array(hostileHex, { maxLength: 3 })),
})

const reservation: fc.Arbitrary<Reservation> = fc.record({
  kind: fc.constantFrom('name', 'address', 'prefix'),
  value: fc.oneof(value, fc.constantFrom('0a000000/8', '/', `${'0'.repeat(32)}/0`)),
  origin: hostileText,
  apiServer: fc.boolean(),
})

const sourceKind = fc.constantFrom('inventory', 'clusterApi', 'dns')
const vouched: fc.Arbitrary<Vouched> = fc.record({
  source: sourceKind,
  vouches: learnt(
    { names: [], addresses: [...goodNode.addresses], says: '' },
    fc.record({
      names: fc.array(value, { maxLength: 3 }),
      addresses: fc.array(value, { maxLength: 3 }),
      says: hostileText,
    }),
  ),
})
const cluster: fc.Arbitrary<ClusterFacts> = fc.record({
  node: learnt(goodNode, fc.option(node)),
  claims: learnt([], fc.array(claim, { maxLength: 5 })),
  holdings: learnt([], fc.array(holding, { maxLength: 5 })),
  own: learnt(nothingGranted, own),
  probes: mostly(goodFacts.cluster.probes, probes),
  lookups: fc.option(fc.array(lookup, { maxLength: 3 })),
  reserved: learnt([], fc.array(reservation, { maxLength: 5 })),
  newerPending: learnt(null, fc.option(hostileText)),
  approvals: learnt([], fc.array(time, { maxLength: 8 })),
  sameKey: learnt(null, fc.option(fc.record({ csr: hostileText, username: hostileText }))),
  vouched: fc.array(vouched, { maxLength: 3 }),
})

export const hostileFacts: fc.Arbitrary<ClusterStage> = fc
  .record({
    purpose: fc.constantFrom('admit', 'approve', 'guard'),
    now: mostly(goodFacts.now, time),
    csr,
    caller: fc.option(identity, { freq: 2 }),
    request,
    cluster,
  })
  .map((facts) => (facts.caller === null ? { ...facts, caller: callerOf(facts) } : facts))

export const hostileRules: fc.Arbitrary<Rules> = fc.record({
  settings: fc.record({
    ...constants(defaultRules.settings),
    clusterDomain: mostly('cluster.local', hostileText),
    maxExpirationSeconds: fc.option(fc.nat()),
    sources: mostly<Rules['settings']['sources']>([], fc.uniqueArray(sourceKind, { maxLength: 3 })),
    proof: fc.record({
      names: fc.constantFrom('warn', 'require'),
      addresses: fc.constantFrom('off' as const, 'warn' as const, 'auto' as const, 'require' as const),
      unreachable: fc.constant([]),
    }),
    onAddition: mostly<'allow' | 'requireSource'>('allow', fc.constant('requireSource' as const)),
    credential: mostly(
      defaultRules.settings.credential,
      fc.record({ require: fc.boolean(), refused: fc.array(hostileText, { maxLength: 2 }) }),
    ),
    reserved: fc.record({
      names: fc.array(hostileText, { maxLength: 3 }),
      addresses: fc.constant([]),
      namespaces: fc.constantFrom([], ['vault']),
    }),
  }),
  hash: fc.constant(defaultRules.hash),
  patterns: mostly<Rules['patterns']>(
    [],
    fc.constant([
      {
        source: 'a.*',
        matches: (name: string) => name.startsWith('a'),
        isMadeOf: (name: string) => name.startsWith('a'),
      },
    ]),
  ),
  prefixes: mostly<Rules['prefixes']>([], fc.constant([{ address: 'c6336400', bits: 24 }])),
  reservedAddresses: fc.constantFrom([], [{ address: '0a000000', bits: 8 }]),
  limits: fc.constant(defaultRules.limits),
  unreachable: fc.constantFrom([], [{ address: 'cb007100', bits: 24 }]),
  pool: fc.constant(null),
  pools: fc.constant([]),
})

function callerOf({ purpose, csr: { requester } }: Pick<ClusterStage, 'purpose' | 'csr'>): Identity | null {
  return purpose === 'admit' ? requester : null
}

/** Good in nine of ten cases: there are thirty such choices, and some requests get past most of them. */
function mostly<T>(good: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: other })
}

function learnt<T>(good: T, other: fc.Arbitrary<T>): fc.Arbitrary<Known<T>> {
  const notLearnt = fc.record({ known: fc.constant(false as const), because: hostileText })
  return fc.oneof(
    { weight: 9, arbitrary: mostly(good, other).map((fact) => ({ known: true, value: fact }) as const) },
    { weight: 1, arbitrary: notLearnt },
  )
}

function constants<T extends object>(object: T): { [Key in keyof T]: fc.Arbitrary<T[Key]> } {
  const entries = Object.entries(object).map(([name, constant]) => [name, fc.constant(constant)])
  return Object.fromEntries(entries)
}
