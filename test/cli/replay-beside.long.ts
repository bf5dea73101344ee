/**
 * `policy replay` beside postfinance's approver on a real control plane, where some nodes lie. Not part of
 * `npm run test:kubernetes`, which builds no other approver: KUBELET_CSR_GATE_BINARIES=FOLDER npm run test:long
 */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ControlPlane, startControlPlane } from '../control-plane/control-plane.ts'
import { attempt } from '../kit/child.ts'
import { CSRS, standingOf } from '../kit/kubelet/csr.ts'
import { type RequestShape } from '../kit/requests/request.ts'
import { until } from '../kit/until.ts'
import { approverFrom } from '../suite/score/approver.ts'
import { lenientPostfinance } from '../suite/score/approvers.ts'
import { TestNode } from '../kit/kubelet/test-node.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')
const approver = await approverFrom(lenientPostfinance)
const skip =
  approver.version === null &&
  'kubelet-csr-approver is neither in the folder KUBELET_CSR_GATE_BINARIES nor on PATH'

/** What each node asks for beyond its name; the honest nodes for their own address. */
const asked: readonly (readonly [node: string, shape: RequestShape])[] = [
  ['honest-1', { addresses: ['198.51.100.1'] }],
  ['honest-2', { addresses: ['198.51.100.2'] }],
  ['liar-1', { addresses: ['198.51.100.1'] }],
  ['liar-2', { addresses: ['10.96.0.1'] }],
  ['liar-3', { addresses: ['198.51.100.5'], dnsNames: ['liar-3.kube-system.svc'] }],
]

async function askAll(plane: ControlPlane): Promise<void> {
  for (const [index, [name, shape]] of asked.entries()) {
    await (await new TestNode(plane, name, `198.51.100.${index + 1}`).join()).ask(shape)
  }
}

async function approvedCount(plane: ControlPlane): Promise<number> {
  const { body } = await plane.adminRequest('GET', CSRS)
  const items = Array.isArray(body['items']) ? body['items'] : []
  return items.filter((item) => standingOf(Object(item)).approved).length
}

test('beside an approver that believes its nodes, every lie is found and no honest node is', {
  skip,
}, async () => {
  await using plane = await startControlPlane()
  await using running = await approver.start(plane)
  assert.ok(running)
  await askAll(plane)
  await until(async () => (await approvedCount(plane)) === asked.length, 'all are approved', 30_000)
  const { changes, csrs, unknown } = await replay(plane)
  assert.deepEqual([csrs, unknown], [asked.length, null])
  assert.deepEqual(reasonsIn(changes), [
    ['system:node:liar-1', 'AddressNotOfNode'],
    ['system:node:liar-2', 'AddressReserved'],
    ['system:node:liar-3', 'NameReserved'],
  ])
  const file = join(plane.directory, 'new.yaml')
  await writeFile(file, 'names: {patterns: [honest-1]}\n')
  const stricter = await replay(plane, '--policy', file)
  assert.ok(
    reasonsIn(stricter.changes).some(
      ([username, reason]) => username === 'system:node:honest-2' && reason === 'NameOutsidePolicy',
    ),
  )
})

async function replay(plane: ControlPlane, ...flags: readonly string[]) {
  const args = ['policy', 'replay', '-o', 'json', '--kubeconfig', plane.adminKubeconfig, ...flags]
  const { code, stdout, stderr } = await attempt([process.execPath, MAIN, ...args])
  assert.equal(code, 1, stderr)
  return JSON.parse(stdout)
}

const reasonsIn = (changes: readonly Readonly<Record<string, string>>[]) =>
  changes
    .map(({ username = '', reason = '' }) => [username, reason])
    .toSorted(([one = ''], [other = '']) => (one < other ? -1 : 1))
