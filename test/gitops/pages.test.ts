import assert from 'node:assert/strict'
import { test } from 'node:test'
import { objectAt } from '../../server/json.ts'
import { argoCd, examples, flux, gitApplication, releases } from './pages.fixture.ts'
import { LEFT_BESIDE_LEDGER } from './remains.ts'

test('no example ignores differences', () => {
  const text = JSON.stringify([...examples, gitApplication])
  for (const word of ['ignoreDifferences', 'RespectIgnoreDifferences', '"ignore"', 'Replace=true'])
    assert.ok(!text.includes(word), word)
  assert.ok(releases.every((release) => objectAt(release, 'spec', 'driftDetection')['mode'] === 'enabled'))
})

test('both pages tell how to delete what is left', () => {
  for (const page of [argoCd, flux])
    for (const { kind, name } of LEFT_BESIDE_LEDGER)
      assert.ok(page.includes(`kubectl -n kubelet-csr-gate delete ${kind} ${name}`), `${kind} ${name}`)
  for (const page of [argoCd, flux])
    assert.ok(page.includes('delete configmap -l app.kubernetes.io/component=ledger'))
})
