/** What the commands say to a person whom RBAC permits nothing. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startControlPlane } from '../control-plane/control-plane.ts'
import { attempt, type Finished } from '../kit/child.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')
const plane = await startControlPlane()
after(() => plane.stop())
const outsider = await plane.kubeconfigFor({ user: 'jane' })

function run(...args: string[]): Promise<Finished> {
  return attempt([process.execPath, MAIN, ...args, '--kubeconfig', outsider])
}

test('a person without permissions is told what is not visible', async () => {
  const { code, stderr } = await run('status')
  assert.equal(code, 3)
  assert.match(stderr, /^kubelet-csr-gate: Nodes not visible \(403\): nodes is forbidden: User "jane" /u)
})

test('a person who may not read the ledger is told, and releases nothing', async () => {
  const { code, stderr } = await run('release', '198.51.100.30')
  assert.equal(code, 3)
  assert.match(stderr, /: the ConfigMap of the policy not visible \(403\): /u)
})
