import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import { noNamespaces } from '../../kit/alone.ts'
import { attempt } from '../../kit/child.ts'
import type { Result } from '../schema.ts'
import { honestCases } from '../suite.ts'

const PROGRAM = join(import.meta.dirname, '..', 'score.ts')
/** Wrong, and the signer signs it; arguable, and ours approves it; refused by the API server. */
const CASES = ['another-nodes-address', 'base64-with-a-newline', 'second-common-name']

/** On a loaded machine. */
const WITHIN_MS = 180_000

async function scored(cases: readonly string[], ...args: readonly string[]) {
  const asked = cases.flatMap((id) => ['--case', id])
  return await attempt([process.execPath, PROGRAM, '--output', 'json', ...asked, ...args], {
    timeoutMs: WITHIN_MS,
  })
}

/** What came of the hostile cases; every honest node must have been served, and have renewed. */
function outcomesOf(stdout: string): Result['outcomes'] {
  const [result]: readonly Result[] = JSON.parse(stdout)
  assert.ok(result)
  const hostile = result.outcomes.slice(honestCases.length)
  const honest = result.outcomes.slice(0, honestCases.length)
  assert.deepEqual(
    honest.filter(({ outcome }) => outcome !== 'issued'),
    [],
  )
  assert.equal(result.renewed, honestCases.length)
  return hostile
}

test('ours passes on a control plane of its own, where kubelets answer', {
  skip: await noNamespaces(),
}, async () => {
  // None is left, so nothing is waited for.
  const { code, stdout, stderr } = await scored(CASES.slice(1), '--approver', 'kubelet-csr-gate-require')
  assert.equal(code, 0, stderr)
  assert.deepEqual(outcomesOf(stdout), [
    { id: 'base64-with-a-newline', outcome: 'issued' },
    { id: 'second-common-name', outcome: 'notStored' },
  ])
})

test('who judges nothing fails, in a cluster that is given, once', async () => {
  await using cluster = await startControlPlane()
  const given = ['--approver', 'everything', '--throwaway', '--kubeconfig', cluster.adminKubeconfig]
  const { code, stdout, stderr } = await scored(CASES, ...given)
  assert.equal(code, 1, stderr)
  assert.deepEqual(outcomesOf(stdout), [
    { id: 'base64-with-a-newline', outcome: 'issued' },
    { id: 'second-common-name', outcome: 'notStored' },
    { id: 'another-nodes-address', outcome: 'issued', says: ['IP:203.0.113.26'] },
  ])
  const again = await scored(CASES, ...given)
  assert.match(again.stderr, /the suite was asked here before \(Node node-1\): take a new cluster/u)
})
