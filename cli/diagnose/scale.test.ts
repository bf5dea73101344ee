import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOf, FakeCluster } from './cluster.fixture.ts'
import { nodeObject } from './cluster-objects.fixture.ts'
import { diagnose } from './diagnose.ts'

test('of a thousand nodes, a hundred of which swallow the connection, each has a finding', async () => {
  await using cluster = await FakeCluster.start()
  const address = addressOf('w-1')
  for (let index = 0; index < 897; index += 1) cluster.put('nodes', nodeObject(`n-${index}`, address))
  // TEST-NET-1, RFC 5737: nobody answers there.
  for (let index = 0; index < 100; index += 1)
    cluster.put('nodes', nodeObject(`silent-${index}`, `192.0.2.${index}`, 10_250))
  const findings = diagnose(await cluster.facts())
  const subjects = (wanted: string) =>
    findings
      .filter(({ code, subject }) => code === wanted && /^Node (?:n|silent)-/u.test(subject))
      .map(({ subject }) => subject)
  const unseen = subjects('KubeletsAnswer')
  assert.equal(unseen.filter((subject) => subject.startsWith('Node silent-')).length, 100)
  // A busy machine may not see all others within a second each; whom it does not see, it names.
  assert.equal(unseen.length + subjects('OtherNode').length, 997)
})
