import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { FaultyApi } from '../test/embedded/faulty-api.ts'
import { createAuthority } from '../test/kit/pki.ts'
import type { JsonObject } from '../server/ports.ts'
import { testContext } from './context.fixture.ts'
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
  const { summary, nodes, csrs, findings } = contentsIn(stdout)
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
  assert.equal(findings, null)
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

test('the findings of doctor are shown, the worst first; an unknown severity counts as a warning', async () => {
  const findings = [
    { severity: 'ok', id: 'A', subject: 's', evidence: 'e', fix: '' },
    { severity: 'new', id: 'B' },
    { severity: 'critical', id: 'C' },
  ]
  const file = join(api.folder, 'doctor.json')
  await writeFile(file, JSON.stringify({ clusters: [{ findings }] }))
  const { stdout } = await report('--findings', file)
  const shown = contentsIn(stdout).findings.map(
    ({ id, severity }: Record<string, string>) => `${id} ${severity}`,
  )
  assert.deepEqual(shown, ['C critical', 'B warning', 'A ok'])
})

test('with -o the page is in the file, and a line says how large it is', async () => {
  const file = join(api.folder, 'fleet.html')
  const { stdout } = await report('-o', file)
  const page = await readFile(file, 'utf8')
  assert.equal(stdout, `${file}: 2 nodes, ${page.length} bytes\n`)
})

test('files that are not what they have to be, or cannot be written, are named', async () => {
  const file = join(api.folder, 'other.json')
  await writeFile(file, '[]')
  const read = await report('--findings', file)
  assert.deepEqual(
    [read.exitCode, read.stderr],
    [2, `kubelet-csr-gate: ${file} is not what doctor -o json writes\n`],
  )
  const written = await report('-o', join(api.folder, 'missing/fleet.html'))
  assert.equal(written.exitCode, 2)
  assert.match(written.stderr, /fleet\.html cannot be written: ENOENT/u)
})

test('a page is not written to a terminal', async () => {
  const context = testContext({ columns: 80 })
  await reportCommand(context).parseAsync(['--kubeconfig', kubeconfig], { from: 'user' })
  assert.deepEqual(
    [context.written.exitCode, context.written.stderr],
    [2, 'kubelet-csr-gate: a page is not for a terminal: pass -o FILE\n'],
  )
})
