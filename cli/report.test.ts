import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { FaultyApi } from '../test/embedded/faulty-api.ts'
import { createAuthority } from '../test/kit/pki.ts'
import type { JsonObject } from '../server/ports.ts'
import { testContext } from './context.fixture.ts'
import { severities } from './diagnose/check.ts'
import { GIVE_ADDRESS } from './diagnose/steps.ts'
import { PATHS } from './diagnose/cluster-objects.fixture.ts'
import { reportCommand } from './report.ts'

let api: FaultyApi
let kubeconfig: string

before(async () => {
  api = await FaultyApi.start()
  kubeconfig = await api.writeKubeconfig()
  await fill()
})
after(() => api[Symbol.asyncDispose]())

const HOSTILE = '</script><script>alert(1)</script>\u202e'

async function fill(): Promise<void> {
  for (const at of Object.values(PATHS)) api.collection(at)
  const addresses = ['10.0.0.1', 'fd00::1', '10.0.0.9'].map((address) => ({ type: 'InternalIP', address }))
  api.collection('/api/v1/nodes').put({ metadata: { name: 'n1' }, status: { addresses } })
  api.collection('/api/v1/nodes').put({ metadata: { name: 'n2' }, status: {} })
  const authority = await createAuthority('kubernetes')
  const held = { commonName: 'system:node:n1', names: ['n1'], addresses: ['10.0.0.1', 'fd00::1'] }
  const certificate = Buffer.from((await authority.issue(held)).certPem).toString('base64')
  putCsr('csr-1', 'n1', { certificate, conditions: [{ type: 'Approved', reason: 'Conforms' }] })
  putCsr('csr-2', 'n2', { conditions: [{ type: 'Denied', reason: 'AddressNotOfNode', message: HOSTILE }] })
  putCsr('csr-3', 'n2', {})
}

function putCsr(name: string, node: string, status: JsonObject): void {
  const spec = { signerName: 'kubernetes.io/kubelet-serving', username: `system:node:${node}` }
  api
    .collection('/apis/certificates.k8s.io/v1/certificatesigningrequests')
    .put({ metadata: { name }, spec, status })
}

async function report(...args: string[]) {
  const context = testContext()
  await reportCommand(context).parseAsync([...args, '--kubeconfig', kubeconfig, '--no-dial'], {
    from: 'user',
  })
  return context.written
}

function contentsIn(page: string) {
  const [, json = ''] = /<script type="application\/json" id="contents">(.*?)<\/script>/su.exec(page) ?? []
  return JSON.parse(json)
}

test('the page has every Node and every stored CSR, with reasons, and says which addresses a certificate misses', async () => {
  const { stdout, exitCode } = await report()
  const { summary, nodes, csrs } = contentsIn(stdout)
  assert.equal(exitCode, 0)
  assert.deepEqual(summary, { nodes: 2, serving: 0, pending: 1, notVisible: 2, denied: 1 })
  const [n1] = nodes.filter(({ name }: { name: string }) => name === 'n1')
  assert.deepEqual(
    n1.addresses.map(({ value, covered }: { value: string; covered: boolean }) => [value, covered]),
    [
      ['10.0.0.1', true],
      ['fd00::1', true],
      ['10.0.0.9', false],
    ],
  )
  assert.deepEqual([n1.from, n1.issuer, n1.sans], ['csr', 'CN=kubernetes', ['n1', '10.0.0.1', 'fd00::1']])
  const decisions = csrs.map(({ name, state, reason }: Record<string, string>) => [name, state, reason])
  assert.deepEqual(decisions.toSorted(), [
    ['csr-1', 'issued', 'Conforms'],
    ['csr-2', 'denied', 'AddressNotOfNode'],
    ['csr-3', 'pending', ''],
  ])
})

test('what others wrote is ASCII inside the JSON, and ends no element', async () => {
  const { stdout } = await report()
  assert.equal(stdout.match(/<script/gu)?.length, 2)
  assert.equal(stdout.includes('alert'), true)
  assert.match(stdout, /^[\x20-\x7e\n]*$/u)
})

test('the page loads nothing, and its policy lets only its own script and style run', async () => {
  const { stdout } = await report()
  const [, script = ''] = /<script type="module">(.*?)<\/script>/su.exec(stdout) ?? []
  const hash = createHash('sha256').update(script).digest('base64')
  assert.ok(stdout.includes(`default-src 'none'; script-src 'sha256-${hash}'; style-src 'sha256-`))
  assert.doesNotMatch(stdout, /(?:src|href)="(?!#)|@import|url\(/u)
})

test('the findings of doctor are shown, the worst first', async () => {
  const { stdout } = await report()
  const findings: readonly Record<string, string>[] = contentsIn(stdout).findings
  const ranks = findings.map(({ severity = '' }) => severities.findIndex((known) => known === severity))
  assert.deepEqual(
    ranks,
    ranks.toSorted((one, other) => one - other),
  )
  assert.deepEqual(findings[0], {
    code: 'NodeWithoutAddress',
    severity: 'warning',
    subject: 'Node n2',
    evidence: findings[0]?.['evidence'],
    fix: [`On n2. Give it an address: ${GIVE_ADDRESS.replace('NODE', 'n2')}`],
  })
})

test('the page is in the file that is named, and a line says how large it is', async () => {
  const file = join(api.folder, 'fleet.html')
  const { stdout } = await report(file)
  const page = await readFile(file, 'utf8')
  assert.equal(stdout, `${file}: ${page.length} bytes\n`)
})

test('a file that cannot be written is named', async () => {
  const written = await report(join(api.folder, 'missing/fleet.html'))
  assert.equal(written.exitCode, 2)
  assert.match(written.stderr, /fleet\.html cannot be written: ENOENT/u)
})

test('a page is not written to a terminal', async () => {
  const context = testContext({ columns: 80 })
  await reportCommand(context).parseAsync(['--kubeconfig', kubeconfig], { from: 'user' })
  assert.deepEqual(
    [context.written.exitCode, context.written.stderr],
    [2, 'kubelet-csr-gate: a page is not for a terminal: name a FILE\n'],
  )
})
