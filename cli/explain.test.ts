import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../test/kit/directory.ts'
import { ascii, implicit, utf8 } from '../test/kit/requests/der.ts'
import { buildRequest, nodeSubject, rdn } from '../test/kit/requests/request.ts'
import { testContext } from './context.fixture.ts'
import { explainCommand } from './explain.ts'
import { namedBy } from './explain/named.ts'

const honest = buildRequest({ dnsNames: ['node-1'], addresses: ['10.0.0.1'] })
const addresses = [
  { type: 'Hostname', address: 'node-1' },
  { type: 'InternalIP', address: '10.0.0.1' },
]
const node = {
  kind: 'Node',
  metadata: { name: 'node-1', uid: 'u1', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: { addresses },
}

async function explain(files: Readonly<Record<string, string>>, ...args: string[]) {
  await using folder = await temporaryDirectory('explain')
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  const context = testContext()
  const argv = args.map((arg) => (arg in files ? join(folder.path, arg) : arg))
  await explainCommand(context).parseAsync(argv, { from: 'user' })
  return context.written
}

test('a file with its Node is judged as a whole, and what was assumed is said', async () => {
  const files = { 'r.pem': honest.pem, 'node.json': JSON.stringify(node) }
  const { stdout, exitCode } = await explain(files, 'r.pem', '--node-file', 'node.json')
  assert.equal(exitCode, 0, stdout)
  assert.match(stdout, /^verdict {5}approve: Conforms: all \d+ checks pass$/mu)
  assert.match(stdout, /^assumed {5}that the requester is the node in the common name$/mu)
  assert.match(stdout, /^controller {2}approves it$/mu)
  assert.doesNotMatch(stdout, /NameNotOfNode/u)
  const wide = await explain(files, 'r.pem', '--node-file', 'node.json', '-o', 'wide')
  assert.match(wide.stdout, /^NameNotOfNode +pass +pass +the Node reports node-1 /mu)
})

test('without a Node, what depends on the cluster is not known', async () => {
  const { stdout, exitCode } = await explain({ 'r.pem': honest.pem }, 'r.pem', '-o', 'json')
  const { controller, todo } = JSON.parse(stdout)
  assert.deepEqual([exitCode, controller.verdict, controller.action], [1, 'unknown', 'left'])
  assert.deepEqual(todo, [
    'A file shows only the request. Give its Node with --node-file FILE, or explain csr/NAME.',
  ])
})

test('a request that cannot be read is shown with the fault and its offset', async () => {
  const { stdout, exitCode } = await explain({ 'r.pem': `${honest.pem}more` }, 'r.pem')
  const at = honest.pem.length - 1
  assert.match(
    stdout,
    new RegExp(
      `^verdict     deny: CsrUnreadable: data follows the block \\(PemTrailing at byte ${at}\\)$`,
      'mu',
    ),
  )
  assert.equal(exitCode, 1)
})

test('what a request contains is shown with -o wide, from PEM, its base64 or standard input', async () => {
  const base64 = await explain({ 'r.b64': honest.request }, 'r.b64', '-o', 'wide')
  for (const seen of [
    'CsrUnreadable .*signed with ECDSA-SHA256',
    'NameMalformed .*node-1',
    'KeyTooWeak .*P-256',
  ])
    assert.match(base64.stdout, new RegExp(`^${seen} `, 'mu'))
  async function* stdin() {
    yield Buffer.from(honest.pem)
  }
  const context = testContext({ stdin: stdin() })
  await explainCommand(context).parseAsync(['-', '-o', 'wide'], { from: 'user' })
  assert.equal(context.written.stdout, base64.stdout)
})

test('a name of another kind is named, and text of the requester is escaped for the terminal', async () => {
  const mail = buildRequest({ otherNames: [implicit(1, ascii('a@b'))] })
  const { stdout } = await explain({ 'r.pem': mail.pem }, 'r.pem')
  assert.match(stdout, /deny: SanKindForbidden: asks for a name of the kind rfc822Name$/mu)
  const subject = nodeSubject().with(1, rdn(['2.5.4.3', utf8('system:node:\u001b[31m\u00e4')]))
  const escaped = await explain({ 'r.pem': buildRequest({ subject }).pem }, 'r.pem')
  assert.match(escaped.stdout, /"system:node:\\u001b\[31m\\u00e4" is not a node/u)
  assert.doesNotMatch(escaped.stdout.replaceAll('\n', ''), /[^\x20-\x7e]/u)
})

test('a format is taken as kubectl takes it: -o json, -ojson, -o=json and --output=json', async () => {
  const ways = [['-o', 'json'], ['-ojson'], ['-o=json'], ['--output=json']]
  const told = await Promise.all(ways.map((way) => explain({ 'r.pem': honest.pem }, 'r.pem', ...way)))
  for (const { stdout } of told)
    assert.equal(JSON.parse(stdout).csr.name, JSON.parse(told[0]?.stdout ?? '').csr.name)
})

test('the manifest of a CSR is judged with its own usages and requester', async () => {
  const spec = { request: honest.request, usages: ['client auth'], username: 'jane', groups: [] }
  const files = {
    'csr.json': JSON.stringify({ kind: 'CertificateSigningRequest', metadata: { name: 'c' }, spec }),
  }
  const { stdout } = await explain(files, 'csr.json', '-o', 'json')
  const failing = JSON.parse(stdout).checks.filter(
    ({ webhook }: { webhook: string }) => webhook === 'violation',
  )
  assert.deepEqual(
    failing.map(({ code }: { code: string }) => code),
    ['RequesterNotNode', 'CommonNameNotRequester', 'UsagesNotServing'],
  )
})

test('files that are not what they have to be are named', async () => {
  const files = { 'r.pem': honest.pem, 'node.json': '{"kind":"Pod"}' }
  const { stderr, exitCode } = await explain(files, 'r.pem', '--node-file', 'node.json')
  assert.equal(exitCode, 2)
  assert.match(stderr, /^kubelet-csr-gate: .*node\.json: is not the manifest of one Node\n$/u)
})

test('a name that is no file and looks like one is named, and asks no cluster', async () => {
  const { stderr, exitCode } = await explain({}, 'missing.yaml')
  assert.equal(exitCode, 2)
  assert.match(stderr, /^kubelet-csr-gate: missing\.yaml: cannot be read: ENOENT/u)
})

test('an argument names a file that exists, else a CSR or a Node', () => {
  assert.deepEqual(namedBy('worker-1', true), { kind: 'file', name: 'worker-1' })
  assert.deepEqual(namedBy('worker-1', false), { kind: 'any', name: 'worker-1' })
  assert.deepEqual(namedBy('csr/a', false), { kind: 'csr', name: 'a' })
  assert.deepEqual(namedBy('node/a', false), { kind: 'node', name: 'a' })
  assert.deepEqual(namedBy('-', false), { kind: 'file', name: '-' })
})
