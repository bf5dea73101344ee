import type { X509Certificate } from 'node:crypto'
import { listed, utc } from '../../../policies/text.ts'
import { age } from '../../output/age.ts'
import { defineNodeCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { commonNamesOf } from '../kubelets.ts'
import { eachKubelet, found, ifKnown, notVisible } from './outcomes.ts'
import { FORGET_CERTIFICATE, KUBELET_LOG, SEE_STATUS, STEP_CLOCK, TURN_ON_BOOTSTRAP } from '../steps.ts'

/** A kubelet asks again when 70 to 90 % of the lifetime are over (client-go certificate manager). */
const LATE = 0.1

type Code = 'CertificateExpired' | 'OtherNode' | 'CertificateFromFuture' | 'ExpiresSoon' | 'CommonNameNotNode'

export const certificatesAreValid = defineNodeCheck<Code>({
  id: 'CertificatesAreValid',
  subject: 'Certificates of kubelets',
  asks: 'How long the certificate of each kubelet is valid, and whether it is in the name of its own Node.',
  kinds: {
    CertificateExpired: {
      severity: 'critical',
      means: 'The certificate has expired. Clients that verify it reject the kubelet.',
      fix: [
        {
          ...TURN_ON_BOOTSTRAP,
          about:
            'Make the kubelet request a certificate from the cluster, which also replaces a file of tlsCertFile',
        },
        SEE_STATUS,
      ],
    },
    OtherNode: {
      severity: 'critical',
      means:
        'The kubelet serves a certificate in the name of another node: a copied disk, an address that two Nodes report, or an impersonation.',
      fix: [FORGET_CERTIFICATE],
    },
    CertificateFromFuture: {
      severity: 'warning',
      means:
        'The certificate is not valid yet by the clock of the API server: the clock of kube-controller-manager is ahead.',
      fix: [
        { on: 'each control plane', run: STEP_CLOCK },
        { about: 'Then wait until the certificate becomes valid' },
      ],
    },
    ExpiresSoon: {
      severity: 'warning',
      means: 'The kubelet should have renewed its certificate by now, and did not.',
      fix: [KUBELET_LOG],
    },
    CommonNameNotNode: {
      severity: 'info',
      means:
        'The common name is not `system:node:NODE`. An API server refuses such a certificate only if its check of common names is enabled (KEP-4872, opt-in, not before Kubernetes 1.38). k3s, RKE2 and kops issue such certificates.',
      fix: [{ about: 'Ask the distribution, or serve certificates of the cluster' }, TURN_ON_BOOTSTRAP],
    },
  },
  run: ({ kubelets, now }) =>
    ifKnown(kubelets, (known) => {
      const bearers = known.filter(({ signedBy }) => signedBy === 'cluster' || signedBy === 'another')
      if (bearers.length === 0) return [notVisible('no kubelet showed a certificate of a CA')]
      const well = `${bearers.length} are valid, each in the name of its Node`
      return eachKubelet(bearers, (kubelet) => outcomesOf(kubelet, now), well)
    }),
})

function outcomesOf({ node, certificate }: Kubelet, now: number): Outcome<Code>[] {
  if (certificate === null) return []
  return [...timeOutcomes(certificate, now), ...nameOutcomes(certificate, node.name)]
}

function timeOutcomes(certificate: X509Certificate, now: number): Outcome<Code>[] {
  const [begins, ends] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()]
  const left = ends - now
  if (left <= 0) return [found('CertificateExpired', `its certificate expired ${age(-left)} ago`)]
  if (begins > now) {
    const evidence = `its certificate is valid from ${utc(begins)}, in ${age(begins - now)}`
    return [found('CertificateFromFuture', evidence)]
  }
  if (left > (ends - begins) * LATE) return []
  return [found('ExpiresSoon', `its certificate expires in ${age(left)}`)]
}

function nameOutcomes(certificate: X509Certificate, node: string): Outcome<Code>[] {
  const names = commonNamesOf(certificate)
  if (names.length === 1 && names[0] === `system:node:${node}`) return []
  const code = names.some((name) => name.startsWith('system:node:')) ? 'OtherNode' : 'CommonNameNotNode'
  return [found(code, `the common name of its certificate is ${listed(names)}`)]
}
