import { listed } from '../../../policies/text.ts'
import { age } from '../../fleet/finding.ts'
import { defineCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { commonNamesOf, subjectOf } from '../kubelets.ts'
import { ifKnown, orOk } from './outcomes.ts'

const SUBJECT = 'Certificates of kubelets'
/** A kubelet asks again when 70 to 90 % of the lifetime are over (client-go certificate manager). */
const LATE = 0.1

type Id = 'Expired' | 'OtherNode' | 'ExpiresSoon' | 'CommonNameNotNode'

export const certificatesAreValid = defineCheck<Id>({
  id: 'CertificatesAreValid',
  asks: 'How long the certificate of each kubelet is valid, and whether it is in the name of its own Node.',
  kinds: {
    Expired: {
      severity: 'critical',
      means: 'The certificate has expired: everyone who verifies it refuses the kubelet.',
      fix: 'On NODE: sudo systemctl restart kubelet; then kubelet-csr-gate status',
    },
    OtherNode: {
      severity: 'critical',
      means:
        'The kubelet serves a certificate in the name of another node: a copied disk, an address that two Nodes report, or an impersonation.',
      fix: 'On NODE: sudo rm /var/lib/kubelet/pki/kubelet-server-current.pem && sudo systemctl restart kubelet',
    },
    ExpiresSoon: {
      severity: 'warning',
      means: 'The kubelet should have renewed its certificate by now, and did not.',
      fix: 'On NODE: sudo journalctl --unit kubelet | grep -i certificate',
    },
    CommonNameNotNode: {
      severity: 'info',
      means:
        'The common name is not `system:node:NODE`. API servers will refuse it once they check it (KEP-4872, planned for 1.38). As of k3s, RKE2 and kops.',
      fix: 'Ask the distribution, or serve certificates of the cluster: on NODE, set serverTLSBootstrap: true in /var/lib/kubelet/config.yaml',
    },
  },
  run: ({ kubelets, now }) =>
    ifKnown(kubelets, SUBJECT, (known) => {
      const bearers = known.filter(({ signedBy }) => signedBy === 'cluster' || signedBy === 'another')
      if (bearers.length === 0)
        return [{ notVisible: 'no kubelet showed a certificate of a CA', subject: SUBJECT }]
      const outcomes = bearers.flatMap((kubelet) => [...timeOutcomes(kubelet, now), ...nameOutcomes(kubelet)])
      return orOk(outcomes, SUBJECT, `${bearers.length} are valid, each in the name of its Node`)
    }),
})

function timeOutcomes(kubelet: Kubelet, now: number): Outcome<Id>[] {
  const { certificate, node } = kubelet
  if (certificate === null) return []
  const about = { subject: subjectOf(kubelet), names: { NODE: node.name } }
  const until = certificate.validToDate.getTime()
  const left = until - now
  if (left <= 0)
    return [{ found: 'Expired', evidence: `its certificate expired ${age(-left)} ago`, ...about }]
  if (left > (until - certificate.validFromDate.getTime()) * LATE) return []
  return [{ found: 'ExpiresSoon', evidence: `its certificate expires in ${age(left)}`, ...about }]
}

function nameOutcomes(kubelet: Kubelet): Outcome<Id>[] {
  const { certificate, node } = kubelet
  if (certificate === null) return []
  const names = commonNamesOf(certificate)
  if (names.length === 1 && names[0] === `system:node:${node.name}`) return []
  const found = names.some((name) => name.startsWith('system:node:')) ? 'OtherNode' : 'CommonNameNotNode'
  const evidence = `the common name of its certificate is ${listed(names)}`
  return [{ found, subject: subjectOf(kubelet), evidence, names: { NODE: node.name } }]
}
