import assert from 'node:assert/strict'
import { test } from 'node:test'
import { originOf, reasonsNotToPublish } from './origin.ts'

const checkout = { commit: 'c'.repeat(40), committed: 0, changed: [] }
const good = {
  version: '1.2.3',
  registry: 'registry.example',
  newest: { version: '1.2.3', date: '2026-11-24', changes: [] },
  checkout,
  environment: { CI: 'true', GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.2.3' },
}

test('CI publishes a clean checkout of a tag whose version has a date', () => {
  assert.deepEqual(reasonsNotToPublish(good), [])
})

test('nothing is published when one thing is missing, and it is said which', () => {
  const broken = [
    [
      { environment: { ...good.environment, CI: undefined } },
      'this is not CI: releases come from .github/workflows/release.yml',
    ],
    [{ environment: { ...good.environment, GITHUB_REF_TYPE: 'branch' } }, 'the tag is missing, not v1.2.3'],
    [{ environment: { ...good.environment, GITHUB_REF_NAME: 'v1.2.4' } }, 'the tag is v1.2.4, not v1.2.3'],
    [{ newest: { ...good.newest, date: null } }, 'CHANGELOG.md calls 1.2.3 unreleased'],
    [{ registry: null }, 'no --registry to publish to'],
    [
      { checkout: { ...checkout, changed: ['a', 'b', 'c', 'd'] } },
      'differs from the commit: a, b, c and 1 more',
    ],
  ] as const
  for (const [change, reason] of broken)
    assert.deepEqual(reasonsNotToPublish({ ...good, ...change }), [reason])
})

test('a build by hand says so in its provenance; a workflow is named with its tag', () => {
  assert.equal(originOf(checkout, {}).builder, 'urn:kubelet-csr-gate:builder:local')
  const environment = {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'owner/kubelet-csr-gate',
    GITHUB_WORKFLOW_REF: 'owner/kubelet-csr-gate/.github/workflows/release.yml@refs/tags/v1.2.3',
  }
  assert.deepEqual(originOf(checkout, environment), {
    source: 'git+https://github.com/owner/kubelet-csr-gate',
    commit: checkout.commit,
    builder: 'https://github.com/owner/kubelet-csr-gate/.github/workflows/release.yml@refs/tags/v1.2.3',
  })
})
