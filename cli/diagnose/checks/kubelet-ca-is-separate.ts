import { defineCheck, type Outcome } from '../check.ts'
import type { TrustedCa } from '../facts.ts'
import { isIssuer } from '../issuer.ts'
import { found, ifKnown, notVisible, orOk } from './outcomes.ts'

export const kubeletCaIsSeparate = defineCheck({
  id: 'KubeletCaIsSeparate',
  subject: 'CA of kubelets',
  asks: 'Whether the CA that signed the certificates of kubelets is one by which clients verify the API server.',
  kinds: {
    SharedCa: {
      severity: 'info',
      means:
        'This decides what one wrong approval can do. With a shared CA, a kubelet certificate with a wrong name can impersonate the API server. With a separate CA, it can impersonate only another kubelet. kubeadm uses one CA for both.',
      fix: [
        {
          about:
            'Keep an approver that checks every name, or give kubelets their own CA: --cluster-signing-kubelet-serving-cert-file and --cluster-signing-kubelet-serving-key-file of kube-controller-manager, then --kubelet-certificate-authority of kube-apiserver',
        },
      ],
    },
  },
  run: ({ clientCas, kubelets }) =>
    ifKnown(clientCas, (cas) =>
      ifKnown(kubelets, (known) => {
        const certificates = known.flatMap(({ certificate, signedBy }) =>
          certificate === null || signedBy === 'itself' ? [] : [certificate],
        )
        if (certificates.length === 0)
          return [notVisible('no kubelet showed a certificate that a CA of the cluster may have signed')]
        const signers = cas.filter((ca) =>
          certificates.some((certificate) => isIssuer(ca.certificate, certificate)),
        )
        return orOk(signers.length === 0 ? [] : [shared(signers)], 'no client verifies the API server by it')
      }),
    ),
})

function shared(signers: readonly TrustedCa[]): Outcome<'SharedCa'> {
  const [first] = signers
  const holders = [...new Set(signers.map(({ holder }) => holder))].join(' and ')
  const evidence = `${first?.certificate.subject.replaceAll('\n', ', ') ?? ''} signed certificates of kubelets, and ${holders} verify the API server by it`
  return found('SharedCa', evidence)
}
