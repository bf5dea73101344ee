import { bothHalves, defineCheck, fail, pass, unknown } from '../check.ts'
import { dnsNames, foldCase } from '../request.ts'
import { isOwnOnControlPlane, knownNode, reservedByCluster, reservedNameByRule } from '../reserved.ts'
import { quoted } from '../text.ts'

export const namesAreUnreserved = defineCheck({
  code: 'NameReserved',
  stage: 'cluster',
  failure: 'notYet',
  halves: bothHalves,
  requires:
    'No DNS name is the API server’s, a Service’s, under the cluster domain, the local host’s, or in `reserved.names`; the API server’s own are allowed on the control-plane Node that reports them.',
  because:
    'The signer is often the cluster CA: with such a name a node impersonates the API server or a Service.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/; RFC 6761 §6.3',
  run: (facts, rules) => {
    const { reserved } = facts.cluster
    const node = knownNode(facts)
    const names = dnsNames(facts.request)
    for (const name of names.map(foldCase)) {
      const holder =
        reservedNameByRule(name, rules) ??
        (reserved.known ? reservedByCluster('name', name, reserved.value) : undefined)
      const own = isOwnOnControlPlane(holder, node, node?.names.includes(name) === true)
      if (holder !== undefined && !own) return fail(`${quoted(name)} is reserved: ${holder.origin}`)
    }
    return reserved.known || names.length === 0 ? pass : unknown(reserved.because)
  },
})
