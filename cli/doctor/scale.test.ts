import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeCluster } from './cluster.fixture.ts'
import { nodeObject } from './cluster-objects.fixture.ts'
import { diagnose } from './diagnose.ts'

test('a thousand nodes, a hundred of which swallow the connection, are examined within 30 s', async () => {
  await using cluster = await FakeCluster.start()
  const { address, port } = cluster.placeOf('w-1')
  for (let index = 0; index < 897; index += 1) cluster.put('nodes', nodeObject(`n-${index}`, address, port))
  // TEST-NET-1, RFC 5737: nobody answers there.
  for (let index = 0; index < 100; index += 1)
    cluster.put('nodes', nodeObject(`silent-${index}`, `192.0.2.${index}`, port))
  const started = performance.now()
  const findings = diagnose(await cluster.facts())
  const seconds = (performance.now() - started) / 1_000
  assert.equal(
    findings.filter(({ id, severity }) => id === 'KubeletsAnswer' && severity === 'notVisible').length,
    100,
  )
  assert.equal(findings.filter(({ id }) => id === 'OtherNode').length, 897)
  assert.ok(seconds < 30, `${seconds} s`)
})
