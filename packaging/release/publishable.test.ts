import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reasonsNotToPublish } from './publishable.ts'

const checkout = { committed: 0, changed: [] }
const good = {
  version: '1.2.3',
  registry: 'registry.example',
  repository: 'owner/name',
  released: { registry: 'registry.example', repository: 'owner/name' },
  newest: { version: '1.2.3', date: '2026-11-24', changes: [], text: '' },
  checkout,
  environment: { CI: 'true', GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.2.3' },
}

test('CI publishes a clean checkout of a tag whose version has a date', () => {
  assert.deepEqual(reasonsNotToPublish(good), [])
})

test('nothing is published when one condition fails, and the reason says which', () => {
  const broken = [
    [
      { environment: { ...good.environment, CI: undefined } },
      'this is not CI: releases come from .github/workflows/release.yml',
    ],
    [{ environment: { ...good.environment, GITHUB_REF_TYPE: 'branch' } }, 'the tag is missing, not v1.2.3'],
    [{ environment: { ...good.environment, GITHUB_REF_NAME: 'v1.2.4' } }, 'the tag is v1.2.4, not v1.2.3'],
    [{ newest: { ...good.newest, date: null } }, 'CHANGELOG.md calls 1.2.3 unreleased'],
    [
      { newest: { ...good.newest, version: '1.2.2' } },
      'CHANGELOG.md is headed 1.2.2, package.json says 1.2.3',
    ],
    [
      { released: null },
      'packaging/docs/released.ts does not name this registry and repository: pages would install from elsewhere',
    ],
    [
      { checkout: { ...checkout, changed: ['a', 'b', 'c', 'd'] } },
      'differs from the commit: a, b, c and 1 more',
    ],
  ] as const
  for (const [change, reason] of broken)
    assert.deepEqual(reasonsNotToPublish({ ...good, ...change }), [reason])
})

test('nothing is published without a registry and a repository', () => {
  const { released: _, ...rest } = good
  const reasons = reasonsNotToPublish({ ...rest, released: null, registry: null, repository: null })
  assert.deepEqual(reasons.slice(0, 2), [
    'no --registry to publish to',
    'no --repository for the npm package and krew',
  ])
})
