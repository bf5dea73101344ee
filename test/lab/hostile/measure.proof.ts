import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startControlPlane } from '../../control-plane/control-plane.ts'
import { until } from '../../kit/until.ts'
import { noMemoryGroup } from '../bench/memory-group.ts'
import { hostileInputs } from './inputs.ts'
import { untilLive } from './liveness.ts'
import { measureInputs } from './measure.ts'
import type { Row } from './row.ts'
import { startWatched } from './watched-service.ts'

const skip = await noMemoryGroup()
const CHOSEN = ['reviews-unknown-nodes', 'csr-100-names']

test('honest nodes are approved while strangers and hostile nodes ask', { skip }, async (context) => {
  const rows: Row[] = []
  await measureInputs({
    inputs: CHOSEN.flatMap((name) => hostileInputs.filter((input) => input.name === name)),
    seconds: 3,
    kubelets: 6,
    failurePolicy: 'Fail',
    proof: 'off',
    onRow: (row) => void rows.push(row),
  })
  for (const row of rows) context.diagnostic(JSON.stringify(row))
  assert.deepEqual(
    rows.map(({ name }) => name),
    ['quiet', ...CHOSEN],
  )
  const [quiet, ...hostile] = rows
  assert.deepEqual(quiet?.outcomes, {})
  for (const { outcomes } of hostile) assert.ok(Math.max(...Object.values(outcomes)) > 10)
  assert.ok((hostile.at(-1)?.outcomes['403 NameNotOfNode'] ?? 0) > 10, 'the API server asks the webhook')
  for (const { honest, probes, ends, memory } of rows) {
    assert.deepEqual([honest.approved.length, honest.bare.length, honest.problems], [6, 6, []])
    assert.ok(probes.sent >= 4)
    assert.deepEqual([probes.failed, ends], [0, []])
    for (const peak of [memory.webhook, memory.controller]) assert.ok(peak > 10 && peak <= 192, `${peak} MiB`)
  }
})

test('a process that ends is told of, and started again at the same address', { skip }, async () => {
  await using cluster = await startControlPlane()
  await using watched = await startWatched(cluster, 'webhook', { controller: false })
  const { pid, metricsUrl, child } = watched.current
  child.signal('SIGKILL')
  await until(() => watched.current.pid !== pid, 'another process', 30_000)
  assert.deepEqual(watched.ends, ['webhook: SIGKILL'])
  assert.equal(watched.current.metricsUrl, metricsUrl)
  await untilLive([metricsUrl])
  assert.equal(watched.current.child.ended(), null)
})
