import { defineCheck } from '../check.ts'
import { dnsNames, foldCase } from '../request.ts'
import { areUnreserved, reservedByCluster, reservedNameByRule } from '../reserved.ts'

export const namesAreUnreserved = defineCheck({
  code: 'NameReserved',
  stage: 'cluster',
  failure: 'notYet',
  requires:
    'No DNS name belongs to the API server, a Service, the cluster domain, the local host, a container engine or a cloud’s metadata service, or is in `reserved.names` or `reserved.namespaces`. The API server’s own names are allowed on the control-plane Node that reports them.',
  because:
    'The signer is often the cluster CA. With such a name, a node could impersonate the API server or a Service.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/; RFC 6761 §6.3',
  run: (facts, rules) =>
    areUnreserved(facts, {
      asked: dnsNames(facts.request).map(foldCase),
      holderOf: (name) => reservedNameByRule(name, rules) ?? reservedByCluster('name', name, facts),
      reported: ({ names }) => names,
      show: String,
    }),
})
