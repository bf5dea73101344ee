import { deepEqual, doesNotMatch, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { fail, unknown } from './check.ts'
import { evaluate } from './evaluate.ts'
import {
  atWebhook,
  defaultRules,
  goodIPv4,
  judge,
  notLearnt,
  rulesWith,
  withAddresses,
  withClaims,
  withCluster,
  withCsr,
  withNames,
  withNode,
  withRequest,
  withRequester,
  rival,
} from './good-request.fixture.ts'
import { checks } from './index.ts'
import type { Facts, Finding, Reservation, Vouched } from './types.ts'

/** What an honest caller has no need to send: whatever of it is in a public detail was told by us. */
const SECRET = /secret|203\.0\.113|2001:db8:5ec|ECDSA-P521|86401|4096/u
const claim = rival({ node: 'secret-node' })
const origin = 'the Service range secret'
const reservation: Reservation = { kind: 'address', value: goodIPv4, origin, apiServer: true }
const secretNode = withNode({ names: ['secret'], addresses: ['cb007101'] })
const policy = await rulesWith({
  maxExpirationSeconds: 86_401,
  keys: { allowed: ['ECDSA-P521', 'RSA'], rsaMinBits: 4_096 },
  names: { patterns: ['secret.*'] },
  addresses: { prefixes: ['203.0.113.0/24'] },
  reserved: { names: ['.example.com'], addresses: ['198.51.100.0/24'], namespaces: [] },
})
const rsa = { type: 'RSA', bits: 2_048, exponent: '65537', at: 65 } as const

const vouched: Vouched = {
  source: 'inventory',
  vouches: {
    known: true,
    value: { names: [], addresses: [], says: 'the line for worker-1 has 203.0.113.1' },
  },
}

/** Each failure that shows something of the cluster or the policy, and what of it everybody may read. */
const failures: readonly (readonly [Finding['code'], Facts, string, typeof defaultRules?])[] = [
  [
    'AddressNotOfNode',
    secretNode,
    "198.51.100.11, 2001:db8::11 are not addresses of Node worker-1. Check the kubelet's --node-ip",
  ],
  [
    'AddressNotVouched',
    withCluster({ vouched: [vouched] }),
    'no source of the policy vouches that 198.51.100.11, 2001:db8::11 belong to Node worker-1',
    await rulesWith({ sources: ['inventory'] }),
  ],
  [
    'NameNotVouched',
    withNames(['worker-1.example.com'], withCluster({ vouched: [vouched] })),
    'no source of the policy vouches that worker-1.example.com belongs to Node worker-1',
    await rulesWith({ sources: ['inventory'] }),
  ],
  [
    'NameNotOfNode',
    secretNode,
    "worker-1 is not a name of Node worker-1. Check the kubelet's --hostname-override",
  ],
  [
    'AddressContested',
    withClaims([claim]),
    'another Node also claims 198.51.100.11. Remove the address from the wrong Node',
  ],
  [
    'NameContested',
    withNames(
      ['db.example.com'],
      withCluster({
        claims: { known: true, value: [{ ...claim, kind: 'dNSName', value: 'db.example.com' }] },
      }),
    ),
    'another Node also claims db.example.com. Remove the name from the wrong Node',
  ],
  [
    'AddressReserved',
    withCluster({ reserved: { known: true, value: [reservation] } }),
    '198.51.100.11 is reserved. A node may not ask for it',
  ],
  [
    'NameReserved',
    withNames(['db.example.com']),
    'db.example.com is reserved. A node may not ask for it',
    policy,
  ],
  ...[{ deleting: true }, { uninitialized: true }, { createdAt: 1e15 }].map(
    (change) =>
      [
        'NodeUnknown',
        withNode(change),
        'Node worker-1 cannot get a certificate now. Check that it is registered, initialized and not being deleted',
      ] as const,
  ),
  [
    'NodeUnknown',
    withCluster({ node: { known: true, value: null } }),
    'Node worker-1 cannot get a certificate now. Check that it is registered, initialized and not being deleted',
  ],
  [
    'AddressOutsidePolicy',
    withAddresses([goodIPv4]),
    '198.51.100.11 is outside addresses.prefixes of the policy',
    policy,
  ],
  [
    'NameOutsidePolicy',
    withNames(['db.example.com']),
    'db.example.com matches none of names.patterns of the policy',
    policy,
  ],
  [
    'NameUnproven',
    withCluster({ lookups: [] }, withNames(['0'])),
    '0 is a number, which some clients read as an address',
  ],
  [
    'LifetimeNotAllowed',
    withCsr({ expirationSeconds: 90_000 }),
    'expirationSeconds is 90000, more than maxExpirationSeconds of the policy',
    policy,
  ],
  [
    'CredentialRefused',
    atWebhook(),
    'the policy refuses the client certificate of the requester',
    await rulesWith({ credential: { require: false, refused: ['5f'.repeat(32)] } }),
  ],
  [
    'CredentialRefused',
    withRequester({ extra: {} }),
    'the policy requires that the requester authenticates by one client certificate',
    await rulesWith({ credential: { require: true, refused: [] } }),
  ],
  [
    'KeyOutsidePolicy',
    atWebhook(),
    'the key is ECDSA-P256, which is not in keys.allowed of the policy',
    policy,
  ],
  [
    'KeyOutsidePolicy',
    withRequest({ key: rsa }),
    'the RSA key has 2048 bits, fewer than keys.rsaMinBits of the policy',
    policy,
  ],
]

test('a public detail says what was asked and what to check, and nothing of the cluster or the policy', () => {
  for (const [code, facts, wanted, rules] of failures) {
    const found = judge(facts, rules).findings.find((finding) => finding.code === code)
    ok(found?.outcome === 'notYet', code)
    equal(found.publicDetail, wanted)
    doesNotMatch(found.publicDetail, SECRET)
  }
})

test('why a fact is unknown is not public', () => {
  const facts = withCluster({ reserved: notLearnt('403 Forbidden: secret') })
  const found = judge(facts).findings.find(({ outcome }) => outcome === 'unknown')
  deepEqual(
    [found?.detail, found?.publicDetail],
    ['403 Forbidden: secret', 'the state of the cluster is not known now. See the log of kubelet-csr-gate'],
  )
})

test('a check of the cluster that has no public words says nothing, and one of the request says its detail', () => {
  const [ofRequest, ofCluster] = [
    checks.find(({ stage }) => stage === 'request'),
    checks.find(({ stage }) => stage === 'cluster'),
  ]
  ok(ofRequest !== undefined && ofCluster !== undefined)
  const run = () => fail('secret')
  const { findings } = evaluate(atWebhook(), defaultRules, [
    { ...ofRequest, run },
    { ...ofCluster, run },
    { ...ofCluster, run: () => unknown('secret') },
    {
      ...ofRequest,
      run: () => {
        throw new Error('secret')
      },
    },
  ])
  deepEqual(
    findings.slice(1).map(({ publicDetail }) => publicDetail),
    [
      undefined,
      'see the log of kubelet-csr-gate',
      'the state of the cluster is not known now. See the log of kubelet-csr-gate',
      'kubelet-csr-gate failed; its log has the cause',
    ],
  )
})
