import { Ajv2020 } from 'ajv/dist/2020.js'
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { compilePattern } from '../../policies/pattern.ts'
import { parsePolicyOrValues } from '../../server/policy/load.ts'
import { testContext } from '../context.fixture.ts'
import { migrateCommand } from '../migrate.ts'
import type { Migration } from './note.ts'
import { patternsOf } from './pattern.ts'
import { realValues } from './real-values.fixture.ts'

const schemaFile = join(import.meta.dirname, '../../charts/kubelet-csr-gate/values.schema.json')
const validate = new Ajv2020({ strict: false }).compile(JSON.parse(await readFile(schemaFile, 'utf8')))

async function run(from: string, text: string, ...flags: readonly string[]) {
  async function* stdin() {
    yield Buffer.from(text)
  }
  const context = testContext({ stdin: stdin() })
  await migrateCommand(context).parseAsync(['node', 'migrate', from, '-', ...flags])
  return context.written
}

async function migrated(from: string, text: string): Promise<Migration> {
  const { stdout } = await run(from, text, '-o', 'json')
  const migration: Migration = JSON.parse(stdout)
  return migration
}

const linesOf = ({ notes }: Migration): string[] =>
  notes.map(({ effect, setting, text }) => `${effect} ${setting}: ${text}`)

for (const { title, text, policy, notes } of realValues)
  test(`values of the other chart, ${title}: valid values of ours, and every change told`, async () => {
    const migration = await migrated('postfinance', text)
    assert.deepEqual(migration.values['policy'], policy)
    const said = linesOf(migration)
    for (const note of notes) assert.ok(said.includes(note), `${note}\nnot in\n${said.join('\n')}`)
    const { stdout } = await run('postfinance', text)
    const values: unknown = parse(stdout)
    assert.deepEqual(values, migration.values)
    assert.ok(validate(values), JSON.stringify(validate.errors))
    assert.equal((await parsePolicyOrValues(stdout, 'values')).ok, true)
  })

test('a pattern accepts exactly the names in which the regular expression is found', async () => {
  const names = ['a', 'b', 'ab', 'xa', 'ax', 'a$', 'xbx', 'a|b', 'k1', 'k12x', '']
  const expressions = [
    '^a$',
    'a',
    '^a',
    'b$',
    '^a|b$',
    '^(a|b)$',
    'a\\$',
    '[|a]b',
    '(?i)^A$',
    '^k\\d+',
    '\\|',
  ]
  for (const expression of expressions) {
    const read = await patternsOf(expression)
    assert.ok(read.ok, expression)
    const compiled = await Promise.all(read.patterns.map(compilePattern))
    const found = new RegExp(expression.replace('(?i)', ''), 'iu')
    for (const name of names) {
      const matches = compiled.some((pattern) => pattern.ok && pattern.pattern.matches(name))
      assert.equal(matches, found.test(name), `${expression} on ${name}`)
    }
  }
})

test('a setting of the environment takes the place of the value', async () => {
  const text = 'providerRegex: ^a$\nenv: [{name: PROVIDER_REGEX, value: ^b$}, {name: TZ, value: UTC}]\n'
  const { values } = await migrated('postfinance', text)
  assert.deepEqual(values['policy'], { names: { patterns: ['b'] }, maxExpirationSeconds: 31_708_800 })
  assert.deepEqual(values['extraEnv'], [{ name: 'TZ', value: 'UTC' }])
})

test('what cannot be carried over is left out, and said', async () => {
  const text = 'providerRegex: "a(?=b)"\nproviderIpPrefixes: [10.0.0.1]\nmaxExpirationSeconds: never\n'
  const migration = await migrated('postfinance', text)
  assert.equal(migration.values['policy'], undefined)
  assert.deepEqual(linesOf(migration).slice(0, 4), [
    'none providerRegex: a(?=b) is not an RE2 pattern: error parsing regexp: invalid or unsupported Perl syntax: `(?=`. Write policy.names.patterns by hand',
    'none providerIpPrefixes: 10.0.0.1 is no CIDR: the approver does not start with it. It is left out',
    'none providerIpPrefixes: none is left: without policy.addresses.prefixes every range is accepted',
    'none maxExpirationSeconds: never is not a number up to 31708800: the approver does not start with it',
  ])
})

const manifest = `apiVersion: v1
kind: Namespace
metadata: {name: kubelet-serving-cert-approver}
---
apiVersion: apps/v1
kind: Deployment
spec:
  replicas: 2
  template:
    spec:
      priorityClassName: system-cluster-critical
      tolerations: [{key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}]
      containers:
        - image: ghcr.io/alex1989hu/kubelet-serving-cert-approver:main
          args: [serve, --enable-leader-election]
`

test('the manifest of kubelet-serving-cert-approver gives valid values, and what becomes stricter', async () => {
  const migration = await migrated('alex1989hu', manifest)
  assert.ok(validate(migration.values), JSON.stringify(validate.errors))
  assert.deepEqual(migration.values['controller'], { replicas: 2 })
  const said = linesOf(migration)
  assert.ok(
    said.includes(
      'changed names and addresses: stricter: any were approved. Now each must be one that the Node reports, that no other Node holds and that is not reserved',
    ),
  )
  assert.ok(said.includes('none --enable-leader-election: a leader is always elected'))
})

test('a manifest without that Deployment, and a file that is no YAML, are refused', async () => {
  const other = await run('alex1989hu', 'kind: Service')
  assert.deepEqual(
    [other.stderr, other.exitCode],
    ['kubelet-csr-gate: -: has no Deployment of kubelet-serving-cert-approver\n', 2],
  )
  const broken = await run('postfinance', 'a: [1')
  assert.match(broken.stderr, /^kubelet-csr-gate: -: is not YAML: Flow sequence/u)
})
