import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../test/kit/directory.ts'
import { testContext } from '../context.fixture.ts'
import { policyCommand } from '../policy.ts'

async function run(args: readonly string[], files: Readonly<Record<string, string>>) {
  await using folder = await temporaryDirectory('policy')
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  const context = testContext()
  const paths = args.map((arg) => (arg in files ? join(folder.path, arg) : arg))
  await policyCommand(context).parseAsync(['node', 'policy', ...paths])
  const { stdout, stderr, exitCode } = context.written
  return { stdout: stdout.replaceAll(`${folder.path}/`, ''), stderr, exitCode }
}

/** The hash that `validate` prints of a policy without faults. */
async function hashOf(text: string): Promise<string> {
  const { stdout } = await run(['validate', 'f'], { f: text })
  return /^f: no faults, hash (?<hash>[0-9a-f]{12})\n$/u.exec(stdout)?.groups?.['hash'] ?? assert.fail(stdout)
}

test('the faults of values have the position and the path in the values', async () => {
  const values = 'replicas: 2\npolicy:\n  mode: enforced\n  addresses:\n    prefixes: [10.0.0.1/8]\n'
  const { stdout, exitCode } = await run(['validate', 'v.yaml'], { 'v.yaml': values })
  assert.deepEqual(stdout.split('\n').slice(0, 2), [
    'v.yaml:3:3 policy.mode: is "enforced", must be one of enforce, dryRun, approveOnly',
    'v.yaml:5:16 policy.addresses.prefixes[0]: is not an address or a prefix such as 10.0.0.0/8: no host bits, no leading zeros, no missing parts',
  ])
  assert.equal(exitCode, 1)
})

test('values without a policy have the default policy; what is neither a value nor a setting is a fault', async () => {
  assert.equal(await hashOf('webhook: {replicas: 3}\nsources: {}'), await hashOf('policy: {}'))
  assert.equal(await hashOf('webhook: {enabled: false}'), await hashOf('mode: enforce\ndenyStored: false'))
  const { stdout, exitCode } = await run(['validate', 'v.yaml'], { 'v.yaml': 'webhook: {}\npolcy: {}\n' })
  assert.match(stdout, /^v\.yaml:2:1 polcy: is not a setting/mu)
  assert.equal(exitCode, 1)
})

test('a policy without faults is valid', async () => {
  const { stdout, exitCode } = await run(['validate', 'p.yaml'], { 'p.yaml': 'mode: dryRun\n' })
  assert.match(stdout, /^p\.yaml: no faults, hash [0-9a-f]{12}\n$/u)
  assert.equal(exitCode, 0)
})

test('the hash of values is that of the ConfigMap which the chart makes of them', async () => {
  assert.equal(await hashOf('policy: {mode: dryRun}'), await hashOf('mode: dryRun\ndenyStored: true'))
  assert.equal(
    await hashOf('policy: {}\nwebhook: {enabled: false}'),
    await hashOf('mode: enforce\ndenyStored: false'),
  )
})
