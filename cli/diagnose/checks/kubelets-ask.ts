import { age } from '../../output/age.ts'
import { defineNodeCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { eachCsr, found } from './outcomes.ts'
import { GIVE_ADDRESS, KUBELET_LOG } from '../steps.ts'

type Code = 'NodeWithoutAddress' | 'CloudProviderMissing' | 'NoCsr'

export const kubeletsAsk = defineNodeCheck<Code>({
  id: 'KubeletsAsk',
  subject: 'Kubelets',
  asks: 'Why a kubelet has neither a certificate nor a CSR. Since Kubernetes 1.31, a kubelet whose Node has no IP address creates no CSR.',
  kinds: {
    CloudProviderMissing: {
      severity: 'warning',
      breaksLogs: true,
      means:
        'The Node has no addresses, because its cloud provider has not initialized it. Until then its kubelet creates no CSR.',
      fix: [
        {
          about: 'See whether the cloud controller manager is installed, and runs',
          run: 'kubectl get pods --all-namespaces | grep cloud-controller-manager',
        },
      ],
    },
    NodeWithoutAddress: {
      severity: 'warning',
      breaksLogs: true,
      means: 'The Node reports no IP address, so its kubelet creates no CSR.',
      fix: [{ on: 'NODE', about: 'Give it an address', run: GIVE_ADDRESS }],
    },
    NoCsr: {
      severity: 'warning',
      breaksLogs: true,
      means:
        'The kubelet has no certificate, and the cluster stores no CSR of it. The kubelet may lack permission to create CSRs, or a webhook refuses them.',
      fix: [KUBELET_LOG],
    },
  },
  run: (facts) => eachCsr(facts, outcomesOf, 'every kubelet without a certificate has asked for one'),
})

function outcomesOf({ node, csr, dialled }: Kubelet, now: number): Outcome<Code>[] {
  if (dialled?.kind === 'certificate') return []
  const since = `the Node is ${age(now - node.createdAt)} old`
  if (node.uninitialized && csr === null) {
    const evidence = `it has the taint node.cloudprovider.kubernetes.io/uninitialized, and ${since}`
    return [found('CloudProviderMissing', evidence)]
  }
  if (node.dial === null) return [found('NodeWithoutAddress', `it reports no IP address, and ${since}`)]
  if (csr !== null || dialled?.kind !== 'noCertificate') return []
  return [found('NoCsr', 'its kubelet answers with tls: internal error, and no CSR of it is stored')]
}
