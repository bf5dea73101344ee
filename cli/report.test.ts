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

/** The text of each cell of a table, row by row. */
function rowsIn(page: string, id: string): string[][] {
  const [, body = ''] = new RegExp(`<section id="${id}".*?<tbody>(.*?)</tbody>`, 'su').exec(page) ?? []
  const cells = (row: string): string[] => row.split('</td>').slice(0, -1).map(textOf)
  return body.split('</tr>').slice(0, -1).map(cells)
}

function textOf(html: string): string {
  return html
    .replaceAll(/<\/(?:li|div)>/gu, ' ')
    .replaceAll(/<[^>]*>/gu, '')
    .trim()
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
}

test('the page has every Node and every stored CSR, with reasons, and says which addresses a certificate misses', async () => {
  const { stdout, exitCode } = await report()
  assert.equal(exitCode, 0)
  const [, counts = ''] = /<dl>(.*?)<\/dl>/su.exec(stdout) ?? []
  assert.equal(
    counts.replaceAll(/<[^>]*>/gu, ' ').replaceAll(/ +/gu, ' '),
    ' Nodes 2 Serve a certificate of the cluster 0 Wait for approval 1 CSRs denied 1 Not visible from there 2 ',
  )
  const n1 = rowsIn(stdout, 'nodes').find(([name]) => name === 'n1')
  assert.deepEqual(n1?.slice(1, 3), ['no', 'unknown'])
  assert.match(n1?.[5] ?? '', /^20\d\d-\d\d-\d\d to 20\d\d-\d\d-\d\d, of its CSR$/u)
  assert.deepEqual(n1?.slice(6), [
    '10.0.0.1 fd00::1 10.0.0.9 is not in the certificate',
    'n1 10.0.0.1 fd00::1',
  ])
  const decisions = rowsIn(stdout, 'csrs').map((cells) => cells.slice(1, 5).join(' '))
  assert.deepEqual(decisions.toSorted(), [
    'csr-1 n1 issued Conforms',
    'csr-2 n2 denied AddressNotOfNode',
    'csr-3 n2 pending ',
  ])
})

test('what others wrote is ASCII, and text', async () => {
  const { stdout } = await report()
  assert.doesNotMatch(stdout, /<script/u)
  const [, , , , , message] = rowsIn(stdout, 'csrs').find(([, name]) => name === 'csr-2') ?? []
  assert.equal(message, '</script><script>alert(1)</script>\\u202e')
  assert.match(stdout, /^[\x20-\x7e\n]*$/u)
})

test('the page loads nothing, runs nothing, and its policy allows only its own style', async () => {
  const { stdout } = await report()
  const [, style = ''] = /<style>(.*?)<\/style>/su.exec(stdout) ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  assert.ok(stdout.includes(`content="default-src 'none'; style-src 'sha256-${hash}'; base-uri`))
  assert.doesNotMatch(stdout, /(?:src|href)="(?!#)|@import|url\(| style="| on[a-z]+="/u)
})

test('the findings of doctor are shown, the worst first', async () => {
  const { stdout } = await report()
  const findings = rowsIn(stdout, 'findings')
  const ranks = findings.map(([severity]) => severities.findIndex((known) => known === severity))
  assert.deepEqual(
    ranks,
    ranks.toSorted((one, other) => one - other),
  )
  const [severity, code, subject, , fix] = findings[0] ?? []
  assert.deepEqual([severity, code, subject], ['warning', 'NodeWithoutAddress', 'Node n2'])
  assert.equal(
    fix?.replaceAll('&amp;', '&'),
    `On n2. Give it an address: ${GIVE_ADDRESS.replace('NODE', 'n2')}`,
  )
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
