import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultSettings } from '../../policies/settings.ts'
import { hashOf, parsePolicy } from './load.ts'

async function faultsOf(text: string): Promise<readonly string[]> {
  const loaded = await parsePolicy(text, 'policy.yaml')
  return loaded.ok ? [] : loaded.faults
}

async function settingsOf(text: string) {
  const loaded = await parsePolicy(text, 'policy.yaml')
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.faults.join('\n'))
  return loaded.rules.settings
}

test('an empty policy file is the default policy', async () => {
  for (const text of ['', '\n# nothing yet\n', '{}', '---\n']) {
    assert.deepEqual(await settingsOf(text), defaultSettings)
  }
})

test('what a policy sets is used as written', async () => {
  const settings = {
    clusterDomain: 'k8s.example.com',
    mode: 'dryRun',
    denyStored: false,
    patienceSeconds: 60,
    foreignRequesters: 'ignore',
    requireAddress: false,
    proof: { addresses: 'require', names: 'require', unreachable: ['203.0.113.0/24'] },
    onAddition: 'requireSource',
    maxExpirationSeconds: 86_400,
    keys: { allowed: ['ECDSA-P256'], rsaMinBits: 3072 },
    credential: { require: true, refused: ['0a'.repeat(32)] },
    reserved: { names: ['db.example.com'], addresses: ['10.0.0.1', 'fd00::/8'], namespaces: [] },
    names: { patterns: ['node-\\d+'] },
    addresses: { prefixes: ['10.0.0.0/8'] },
    sources: ['inventory'],
    pools: [
      {
        name: 'metal',
        nodes: ['metal-\\d+'],
        mode: 'approveOnly',
        requireAddress: true,
        maxExpirationSeconds: null,
        keys: { rsaMinBits: 4096 },
        names: { patterns: ['metal-\\d+[.]example[.]com'] },
        addresses: { prefixes: ['10.9.0.0/16'] },
        sources: ['dns', 'clusterApi'],
        proof: { addresses: 'warn' },
      },
    ],
  }
  assert.deepEqual(await settingsOf(JSON.stringify(settings)), { ...defaultSettings, ...settings })
})

test('a setting that a group omits keeps its default', async () => {
  const settings = await settingsOf('keys:\n  rsaMinBits: 4096\nreserved:\n  names: [db.example.com]\n')
  assert.deepEqual(settings.keys, { allowed: defaultSettings.keys.allowed, rsaMinBits: 4096 })
  assert.deepEqual(settings.reserved, {
    names: ['db.example.com'],
    addresses: [],
    namespaces: ['kube-system'],
  })
})

test('five faults give five lines, each with its position and what is allowed', async () => {
  const text = `mode: enforced
patienceSeconds: soon
keys:
  alowed: [RSA]
names:
  patterns:
    - "node-["
    - 7
addresses:
  prefixes: [10.0.0.1/8]
`
  assert.deepEqual(await faultsOf(text), [
    'policy.yaml:1:1 mode: is "enforced", must be one of enforce, dryRun, approveOnly',
    'policy.yaml:2:1 patienceSeconds: is "soon", must be a whole number, from 5 to 900',
    'policy.yaml:4:3 keys.alowed: is not a setting; did you mean allowed?',
    'policy.yaml:7:7 names.patterns[0]: is not an RE2 pattern: error parsing regexp: missing closing ]: `[`',
    'policy.yaml:8:7 names.patterns[1]: is 7, must be an RE2 pattern of 1 to 256 characters',
    'policy.yaml:10:14 addresses.prefixes[0]: is not an address or a prefix such as 10.0.0.0/8: no host bits, no leading zeros, no missing parts',
  ])
})

test('a list has each entry once', async () => {
  for (const [setting, text] of [
    ['keys.allowed', 'keys: {allowed: [RSA, RSA]}'],
    ['reserved.names', 'reserved: {names: [a.b, a.b]}'],
    ['reserved.namespaces', 'reserved: {namespaces: [a, a]}'],
    ['reserved.addresses', 'reserved: {addresses: [10.0.0.1, 10.0.0.1]}'],
    ['names.patterns', 'names: {patterns: [a, a]}'],
    ['addresses.prefixes', 'addresses: {prefixes: [10.0.0.0/8, 10.0.0.0/8]}'],
    ['proof.unreachable', 'proof: {unreachable: [10.0.0.0/8, 10.0.0.0/8]}'],
    ['sources', 'sources: [dns, dns]'],
  ] as const) {
    const [fault = '', ...more] = await faultsOf(text)
    assert.deepEqual([fault.endsWith(` ${setting}[1]: is the same as entry 0`), more], [true, []], fault)
  }
})

test('a reserved name has at most 253 characters, and may have a dot before them', async () => {
  const longest = `${'a'.repeat(61)}${'.a'.repeat(96)}`
  assert.equal(longest.length, 253)
  const [, ...tooLong] = await Promise.all(
    [longest, `.${longest}`, `.${longest}b`].map((name) => faultsOf(`reserved: {names: ["${name}"]}`)),
  )
  assert.deepEqual(
    tooLong.map(({ length }) => length),
    [0, 1],
  )
})

test('every fault of every pool is listed with its place', async () => {
  const text = `pools:
  - name: metal
    nodes: ['metal-.*', 'metal-[']
    names:
      patterns: ['a', '(']
    keys: {rsaMinBits: 1}
  - nodes: ['metal-.*']
  - name: metal
    nodes: []
    addresses: {prefixes: [10.0.0.1/8]}
    denyStored: true
`
  assert.deepEqual(await faultsOf(text), [
    'policy.yaml:3:25 pools[0].nodes[1]: is not an RE2 pattern: error parsing regexp: missing closing ]: `[`',
    'policy.yaml:5:23 pools[0].names.patterns[1]: is not an RE2 pattern: error parsing regexp: missing closing ): `(`',
    'policy.yaml:6:12 pools[0].keys.rsaMinBits: is 1, must be a whole number, from 2048 to 8192',
    'policy.yaml:7:5 pools[1]: is a map, must be a map with name and nodes',
    'policy.yaml:7:13 pools[1].nodes[0]: is the same as pools[0].nodes[0]',
    'policy.yaml:8:5 pools[2].name: is the same as pools[0].name',
    'policy.yaml:9:5 pools[2].nodes: is a list of 0, must be a list, from 1 to 16',
    'policy.yaml:10:28 pools[2].addresses.prefixes[0]: is not an address or a prefix such as 10.0.0.0/8: no host bits, no leading zeros, no missing parts',
    'policy.yaml:11:5 pools[2].denyStored: is not a setting; known settings: name, nodes, mode, requireAddress, maxExpirationSeconds, keys, names, addresses, sources, proof',
  ])
})

test('there are at most 64 pools', async () => {
  const pools = Array.from({ length: 65 }, (_, index) => ({ name: `p${index}`, nodes: [`n${index}`] }))
  assert.deepEqual(await faultsOf(JSON.stringify({ pools })), [
    'policy.yaml:1:2 pools: is a list of 65, must be a list, at most 64',
  ])
})

test('a fault gives the position, the value and what is allowed', async () => {
  const known = Object.keys(defaultSettings).join(', ')
  const one: readonly [string, string][] = [
    ['mode:', '1:1 mode: is empty, must be one of enforce, dryRun, approveOnly'],
    ['polcy: {}', `1:1 polcy: is not a setting; known settings: ${known}`],
    ['RequireAddress: true', '1:1 RequireAddress: is not a setting; did you mean requireAddress?'],
    ['__proto__: {mode: dryRun}', `1:1 __proto__: is not a setting; known settings: ${known}`],
    ['requireAddress: "yes"', '1:1 requireAddress: is "yes", must be true or false'],
    ['requireAddress: yes', '1:1 requireAddress: is "yes", must be true or false'],
    ['denyStored: 1', '1:1 denyStored: is 1, must be true or false or null'],
    [
      'maxExpirationSeconds: 60',
      '1:1 maxExpirationSeconds: is 60, must be a whole number or null, at least 600',
    ],
    [
      'maxExpirationSeconds: .inf',
      '1:1 maxExpirationSeconds: is Infinity, must be a whole number or null, at least 600',
    ],
    ['patienceSeconds: 1.5', '1:1 patienceSeconds: is 1.5, must be a whole number, from 5 to 900'],
    ['clusterDomain: Cluster.Local', '1:1 clusterDomain: is "Cluster.Local", must be a lower-case DNS name'],
    [
      `clusterDomain: ${'a.'.repeat(200)}a`,
      `1:1 clusterDomain: is "${'a.'.repeat(40)}...", must be a lower-case DNS name`,
    ],
    ['keys: {allowed: []}', '1:8 keys.allowed: is a list of 0, must be a list, at least 1'],
    [
      'keys: {allowed: [RSA, DSA]}',
      '1:23 keys.allowed[1]: is "DSA", must be one of RSA, ECDSA-P256, ECDSA-P384, ECDSA-P521, Ed25519',
    ],
    [
      'keys: {allowed: [RSA, ML-DSA-65]}',
      '1:23 keys.allowed[1]: is "ML-DSA-65", which the signer cannot read yet: its Go has no ML-DSA',
    ],
    ['mode: ML-DSA-65', '1:1 mode: is "ML-DSA-65", must be one of enforce, dryRun, approveOnly'],
    ['credential: {require: sometimes}', '1:14 credential.require: is "sometimes", must be true or false'],
    [
      'credential: {refused: ["AB:CD"]}',
      '1:24 credential.refused[0]: is "AB:CD", must be the SHA-256 of a client certificate, 64 lower-case hex digits',
    ],
    ['keys: {allowed: [RSA, RSA]}', '1:23 keys.allowed[1]: is the same as entry 0'],
    ['keys: {rsaMinBits: 1024}', '1:8 keys.rsaMinBits: is 1024, must be a whole number, from 2048 to 8192'],
    ['keys: [RSA]', '1:1 keys: is a list of 1, must be a map'],
    [
      'reserved: {names: ["*.example.com"]}',
      '1:20 reserved.names[0]: is "*.example.com", must be a lower-case DNS name, optionally with a leading dot',
    ],
    [
      'reserved: {addresses: [010.0.0.1]}',
      '1:24 reserved.addresses[0]: is not an address or a prefix such as 10.0.0.0/8: no host bits, no leading zeros, no missing parts',
    ],
    [
      'names: {patterns: ["(a?){500}a{500}"]}',
      '1:20 names.patterns[0]: is too costly: repeat counts multiply',
    ],
    ['- a', '1:1 the policy: is a list of 1, must be a map'],
    ['just text', '1:1 the policy: is "just text", must be a map'],
    ['"a\u001b[2J": 1', `1:1 "a\\u001b[2J": is not a setting; known settings: ${known}`],
  ]
  for (const [text, fault] of one) assert.deepEqual(await faultsOf(text), [`policy.yaml:${fault}`])
})

test('anything but plain YAML is refused with its position', async () => {
  const one: readonly [string, RegExp][] = [
    ['mode: dryRun\nmode: enforce', /^policy\.yaml:2:1 is not YAML: Map keys must be unique$/u],
    ['a: [1', /^policy\.yaml:1:6 is not YAML: Flow sequence/u],
    ['mode: !secret dryRun', /^policy\.yaml:1:7 is not YAML: Unresolved tag: !secret$/u],
    [
      '---\nmode: dryRun\n---\nmode: enforce',
      /^policy\.yaml:3:1 is not YAML: Source contains multiple documents/u,
    ],
    ['clusterDomain: &a x\nmode: *a', /^policy\.yaml:2:7 is a YAML alias, which a policy must not use$/u],
    ['\tmode: dryRun', /^policy\.yaml:1:1 is not YAML: Tabs are not allowed as indentation$/u],
  ]
  for (const [text, fault] of one) {
    const faults = await faultsOf(text)
    assert.match(faults[0] ?? '', fault)
  }
})

test('a deeply nested policy and one with many faults give a bounded number of lines', async () => {
  assert.equal((await faultsOf('['.repeat(100_000))).length, 51)
  const typos = Array.from({ length: 500 }, (_, index) => `typo${index}: 1`).join('\n')
  const faults = await faultsOf(typos)
  assert.equal(faults.length, 51)
  assert.equal(faults[50], 'policy.yaml: and 450 more')
})

test('the hash depends on the settings and not on how they are written', async () => {
  const spelled = await settingsOf('# a comment\nmode: dryRun\nkeys: {rsaMinBits: 2048}\n')
  const other = await settingsOf('{"keys": {}, "mode": "dryRun"}')
  assert.equal(hashOf(spelled), hashOf(other))
  assert.match(hashOf(spelled), /^[0-9a-f]{12}$/u)
  assert.notEqual(hashOf(spelled), hashOf(defaultSettings))
  const loaded = await parsePolicy('mode: dryRun', 'policy.yaml')
  assert.equal(loaded.ok && loaded.rules.hash, hashOf(spelled))
})

test('an empty policy is the default policy', async () => {
  const loaded = await parsePolicy('', 'policy.yaml')
  assert.deepEqual(loaded.ok && loaded.rules.settings, defaultSettings)
})
