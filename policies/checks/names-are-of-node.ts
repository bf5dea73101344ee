import { defineCheck } from '../check.ts'
import { areReported } from '../reported.ts'
import { dnsNames, foldCase } from '../request.ts'

export const namesAreOfNode = defineCheck({
  code: 'NameNotOfNode',
  stage: 'cluster',
  failure: 'notYet',
  requires: 'The requester’s Node reports every DNS name, compared without regard to case.',
  because: 'Otherwise a node obtains a certificate for a name that is not its own.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/',
  run: (facts) =>
    areReported(facts, {
      asked: dnsNames(facts.request),
      reported: (node) => node.names,
      fold: foldCase,
      show: String,
      kind: 'name',
      check: "Check the kubelet's --hostname-override",
    }),
})
