import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { attempt } from '../../kit/child.ts'
import { noNamespaces } from '../../kit/alone.ts'

const BENCH = join(import.meta.dirname, '..', 'bench.ts')
/** Half a minute, but the kubelets are built the first time. */
const LONGEST_MS = 600_000
const FEW = ['--addresses=8', '--within=2', '--pause=7', '--patience=20']

async function missing(): Promise<string | false> {
  if (process.env['CI'] === 'true') return false
  const { code } = await attempt(['go', 'version'])
  return code === 0 ? await noNamespaces() : 'NOT PROVEN: Go is missing, which builds the kubelets'
}

const skip = await missing()

test('a new node is approved the address of one that ended seconds ago, where its kubelet answers', {
  skip,
}, async (t) => {
  const command = [process.execPath, BENCH, 'handover', ...FEW]
  const { code, stdout, stderr } = await attempt(command, { timeoutMs: LONGEST_MS })
  t.diagnostic(stdout)
  assert.match(stdout, /^the new ones have their addresses: 8 of 8 approved/mu, stderr)
  assert.equal(code, 0)
})
