import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import { signMutants } from './signed.ts'

/** `SIGNED_MUTANTS=2000` for the figure of a release. */
const COUNT = Number(process.env['SIGNED_MUTANTS'] ?? 200)

test('the certificate that a real control plane issues holds what was judged, and nothing else', async (context) => {
  await using plane = await startControlPlane()
  const seed = Math.floor(Math.random() * 2 ** 31)
  context.diagnostic(`${COUNT} mutants from seed ${seed}`)
  const started = performance.now()
  assert.deepEqual(await signMutants(plane, { seed, count: COUNT }), [])
  context.diagnostic(`signed and compared in ${((performance.now() - started) / 1000).toFixed(0)} s`)
})
