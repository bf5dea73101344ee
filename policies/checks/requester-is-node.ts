import { defineCheck, fail, pass } from '../check.ts'
import { NODES_GROUP, nodeName } from '../node-name.ts'
import { shown } from '../text.ts'
import type { Identity } from '../types.ts'

export const requesterIsNode = defineCheck({
  code: 'RequesterNotNode',
  field: 'spec.username',
  stage: 'request',
  failure: 'violation',
  requires:
    'The requester is `system:node:<valid node name>` and in the group `system:nodes`. At the webhook, the user who sends the request is the requester.',
  because:
    'Otherwise any user who may create CSRs, such as a bootstrap token, could ask in the name of a node.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/',
  run: ({ purpose, csr: { requester }, caller }) => {
    if (nodeName(requester.username) === undefined)
      return fail(`the requester ${shown(requester.username)} is not a node (system:node:NAME)`)
    if (!requester.groups.includes(NODES_GROUP))
      return fail(`the requester ${shown(requester.username)} is not in the group ${NODES_GROUP}`)
    if (purpose === 'admit' && caller === null)
      return fail('the admission review does not name the user who sent the request')
    if (caller !== null && !sameIdentity(caller, requester))
      return fail(
        `${shown(caller.username)} sent the request, which is not the requester that the CSR names: username, uid, groups or extra differ`,
      )
    return pass
  },
})

function sameIdentity(a: Identity, b: Identity): boolean {
  return a.username === b.username && a.uid === b.uid && sameList(a.groups, b.groups) && sameExtra(a, b)
}

function sameExtra(a: Identity, b: Identity): boolean {
  const keys = Object.keys(a.extra)
  return (
    keys.length === Object.keys(b.extra).length &&
    keys.every((key) => Object.hasOwn(b.extra, key) && sameList(a.extra[key] ?? [], b.extra[key] ?? []))
  )
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
