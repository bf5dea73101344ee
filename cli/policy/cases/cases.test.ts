import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../../../test/kit/directory.ts'
import { buildRequest } from '../../../test/kit/requests/request.ts'
import { testContext } from '../../context.fixture.ts'
import { policyCommand } from '../../policy.ts'

const page = await readFile(join(import.meta.dirname, '../../../docs/policy-cli.md'), 'utf8')
const [, documented = ''] = /<!-- policy test: run by a test -->\n```yaml\n(.*?)```\n/su.exec(page) ?? []

async function run(files: Readonly<Record<string, string>>, ...flags: readonly string[]) {
  await using folder = await temporaryDirectory('policy-test')
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  const context = testContext()
  const file = join(folder.path, 'cases.yaml')
  await policyCommand(context).parseAsync(['node', 'policy', 'test', file, ...flags])
  const { stdout, stderr, exitCode } = context.written
  return { stdout, stderr: stderr.replaceAll(`${folder.path}/`, ''), exitCode }
}

test('the documented example is as it says', async () => {
  const { stdout, exitCode } = await run({ 'cases.yaml': documented })
  assert.deepEqual(
    stdout.split('\n').map((line) => line.replace(/ +[A-Z][A-Za-z]+: .*$/u, '')),
    [
      'RESULT  CASE                                    EXPECTED                     DECISION                     MESSAGE',
      'ok      a worker gets its own name and address  approve                      approve',
      'ok      not the address of another              notYet AddressNotOfNode      notYet AddressNotOfNode',
      'ok      not its address in another network      notYet AddressOutsidePolicy  notYet AddressOutsidePolicy',
      'ok      not an address of the host itself       notYet AddressReserved       notYet AddressReserved',
      '',
      '4 cases, 0 mismatches',
      '',
    ],
  )
  assert.equal(exitCode, 0)
})

test('another verdict or another reason is a mismatch, with the decision beside it', async () => {
  const verdict = await run({ 'cases.yaml': documented.replace('expect: approve', 'expect: deny') })
  assert.match(
    verdict.stdout,
    /^MISMATCH {2}a worker gets its own name and address +deny +approve +Conforms: /mu,
  )
  assert.match(verdict.stdout, /\n4 cases, 1 mismatches\n$/u)
  const reason = await run(
    { 'cases.yaml': documented.replace('reason: AddressNotOfNode', 'reason: NameNotOfNode') },
    '-o',
    'json',
  )
  const { cases, mismatches } = JSON.parse(reason.stdout)
  assert.deepEqual(
    [mismatches, cases[1].expected, cases[1].decision.reason],
    [1, { verdict: 'notYet', reason: 'NameNotOfNode' }, 'AddressNotOfNode'],
  )
  assert.deepEqual([verdict.exitCode, reason.exitCode], [1, 1])
})

test('a request and a policy of files beside it are read, and two Nodes that report one address contest it', async () => {
  const { pem } = buildRequest({ addresses: ['10.0.0.1'] })
  const { stdout, exitCode } = await run({
    'request.pem': pem,
    'values.yaml': 'policy: {mode: enforce}\n',
    'cases.yaml':
      'policy: values.yaml\n' +
      'nodes: [{name: node-1, addresses: [10.0.0.1]}, {name: node-2, addresses: [10.0.0.1]}]\n' +
      'cases: [{name: shared, node: node-1, request: request.pem, expect: notYet, reason: AddressContested}]\n',
  })
  assert.match(stdout, /^ok +shared /mu)
  assert.equal(exitCode, 0)
})

test('every fault of a file is said with its position, and nothing is judged', async () => {
  const text =
    'nodes: [{name: n, adresses: []}]\ncases:\n  - {name: a, node: n, expect: maybe, reason: Bad}\n'
  const { stderr, stdout, exitCode } = await run({ 'cases.yaml': text })
  assert.equal(
    stderr,
    'kubelet-csr-gate: cases.yaml:1:19 nodes.0.adresses: is unknown. Known are name, names, addresses\n' +
      'cases.yaml:3:24 cases.0.expect: must be one of approve, deny, notYet, unknown, ignore, error\n' +
      'cases.yaml:3:39 cases.0.reason: is no reason code\n',
  )
  assert.deepEqual([stdout, exitCode], ['', 2])
})

test('a policy with a fault, a request that is not there and a file without cases are faults', async () => {
  const cases = 'cases: [{name: a, node: n, expect: approve}]\n'
  const policy = await run({ 'cases.yaml': `policy: {mode: off}\n${cases}` })
  assert.match(policy.stderr, /cases\.yaml policy:1:2 mode: /u)
  const request = await run({ 'cases.yaml': cases.replace('expect', 'request: none.pem, expect') })
  assert.match(request.stderr, /none\.pem: cannot be read: ENOENT/u)
  const none = await run({ 'cases.yaml': 'cases: []\n' })
  assert.equal(none.stderr, 'kubelet-csr-gate: there are no cases\n')
  assert.deepEqual([policy.exitCode, request.exitCode, none.exitCode], [2, 2, 2])
})
