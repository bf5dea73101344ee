import { test } from 'node:test'
import { fail, pass } from '../check.ts'
import { atWebhook, expectOutcome, goodFacts, withRequester } from '../good-request.fixture.ts'
import { shown } from '../text.ts'
import { requesterIsNode } from './requester-is-node.ts'

const DIFFERS =
  'sent the request, which is not the requester that the CSR names: username, uid, groups or extra differ'

test('a user that is not a node is refused', () => {
  for (const username of ['admin', 'node:worker-1', 'system:node', 'System:node:worker-1']) {
    const wanted = fail(`the requester ${shown(username)} is not a node (system:node:NAME)`)
    expectOutcome(requesterIsNode, withRequester({ username }), wanted)
  }
})

test('a bootstrap token is refused', () => {
  const bootstrap = { username: 'system:bootstrap:a1b2c3', groups: ['system:bootstrappers'] }
  const wanted = fail('the requester system:bootstrap:a1b2c3 is not a node (system:node:NAME)')
  expectOutcome(requesterIsNode, withRequester(bootstrap), wanted)
})

test('the user name contains a valid node name', () => {
  const names = ['', 'Worker-1', 'worker_1', '-worker', 'worker-', 'a..b', '.a', 'a.', 'a/b', 'a:b', 'a\n']
  for (const name of [...names, 'ä', 'a'.repeat(254)]) {
    const wanted = fail(`the requester ${shown(`system:node:${name}`)} is not a node (system:node:NAME)`)
    expectOutcome(requesterIsNode, withRequester({ username: `system:node:${name}` }), wanted)
  }
  for (const name of ['1', 'a', 'kubernetes', 'worker-1.example.com', 'a--b', '10.0.0.1', 'a'.repeat(253)]) {
    expectOutcome(requesterIsNode, withRequester({ username: `system:node:${name}` }), pass)
  }
})

test('a node must be in the group system:nodes', () => {
  const wanted = fail('the requester system:node:worker-1 is not in the group system:nodes')
  expectOutcome(requesterIsNode, withRequester({ groups: ['system:authenticated'] }), wanted)
  expectOutcome(requesterIsNode, withRequester({ groups: ['system:nodes '] }), wanted)
})

test('at the webhook the caller equals the requester in every part', () => {
  const credential = 'authentication.kubernetes.io/credential-id'
  const changes = [
    { username: 'system:node:worker-10' },
    { uid: '42' },
    { groups: ['system:nodes'] },
    { groups: ['system:nodes', 'system:masters'] },
    { groups: ['system:authenticated', 'system:nodes'] },
    { extra: {} },
    { extra: { [credential]: ['X509SHA256=ffff'] } },
    { extra: { [`${credential}2`]: ['X509SHA256=0a1b'] } },
    { extra: { [credential]: ['X509SHA256=0a1b'], more: [] } },
  ]
  for (const change of changes) {
    const caller = change.username ?? 'system:node:worker-1'
    const wanted = fail(`${caller} ${DIFFERS}`)
    expectOutcome(requesterIsNode, atWebhook(change), wanted)
  }
  expectOutcome(requesterIsNode, atWebhook(), pass)
})

test('an empty list under one key is not an empty list under another', () => {
  const facts = withRequester({ extra: { a: [] } })
  const wanted = fail(`system:node:worker-1 ${DIFFERS}`)
  expectOutcome(requesterIsNode, atWebhook({ extra: { b: [] } }, facts), wanted)
  expectOutcome(requesterIsNode, atWebhook({ extra: { constructor: [] } }, facts), wanted)
})

test('the webhook refuses a review without a caller, the controller needs none', () => {
  expectOutcome(
    requesterIsNode,
    { ...goodFacts, purpose: 'admit' },
    fail('the admission review does not name the user who sent the request'),
  )
  expectOutcome(requesterIsNode, goodFacts, pass)
})
