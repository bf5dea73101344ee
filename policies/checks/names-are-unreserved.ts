import { bothComponents, defineCheck } from '../check.ts'
import { dnsNames, foldCase } from '../request.ts'
import { areUnreserved, reservedByCluster, reservedNameByRule } from '../reserved.ts'

export const namesAreUnreserved = defineCheck({
  code: 'NameReserved',
  stage: 'cluster',
  failure: 'notYet',
  components: bothComponents,
  requires:
    'No DNS name is the API server’s, a Service’s, under the cluster domain, the local host’s, or in `reserved.names`; the API server’s own are allowed on the control-plane Node that reports them.',
  because:
    'The signer is often the cluster CA: with such a name a node impersonates the API server or a Service.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/; RFC 6761 §6.3',
  run: (facts, rules) =>
    areUnreserved(facts, {
      asked: dnsNames(facts.request).map(foldCase),
      holderOf: (name) => reservedNameByRule(name, rules) ?? reservedByCluster('name', name, facts),
      reported: ({ names }) => names,
      show: String,
    }),
})
