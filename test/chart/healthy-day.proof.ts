import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupsOf, inCluster } from './alert-rules.ts'
import { central, dayOf, installations, isSilent, valuesOf } from './life/healthy-day.ts'
import { prometheusMissing } from './prometheus.ts'

const skip = prometheusMissing

// healthy-day.long.ts has each of them with the rules of its own cluster
test('healthy installations of each kind fire no alert in a central ruler, 24 hours: a restart, a rollout, a new leader, one malformed CSR', {
  skip,
}, async () => {
  const all: Parameters<typeof isSilent>[1][] = []
  // one after another: they share the clock of the process
  for (const [name, installation] of Object.entries(installations))
    all.push(inCluster(name, await dayOf(installation)))
  const series = Object.assign({}, ...all)
  assert.ok(Object.keys(series).length > 20 * all.length)
  await isSilent(central, series)
})

test('in such a day, a CSR that is pending although it may be approved fires, and so does a missing leader', {
  skip,
}, async () => {
  const installation = installations['controller-only']
  const day = await dayOf(installation, { expectsAll: true, leaderlessFrom: 120 })
  await assert.rejects(isSilent(await groupsOf(valuesOf(installation)), day), ({ message }: Error) => {
    const fired = [...message.matchAll(/alertname="KubeletCsrGate(\w+)"/gu)].map(([, name]) => name)
    assert.deepEqual(new Set(fired), new Set(['NoLeader', 'OldestPending', 'OldestPendingTooLong']))
    return true
  })
})
