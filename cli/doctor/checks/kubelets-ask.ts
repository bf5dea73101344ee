import { age } from '../../fleet/finding.ts'
import { defineCheck, type Outcome } from '../check.ts'
import type { Kubelet } from '../facts.ts'
import { subjectOf } from '../kubelets.ts'
import { ifKnown, orOk, severityOf } from './outcomes.ts'

const SUBJECT = 'Kubelets'

type Id = 'NodeWithoutAddress' | 'CloudProviderMissing' | 'NoCsr'

export const kubeletsAsk = defineCheck<Id>({
  id: 'KubeletsAsk',
  asks: 'Kubelets without a certificate and without a CSR, and why: since Kubernetes 1.31, a kubelet whose Node has no IP address never asks.',
  kinds: {
    CloudProviderMissing: {
      severity: 'warning',
      means:
        'The Node waits for its cloud provider, which gives it its addresses. Until then its kubelet never asks. Critical where the API server verifies kubelets.',
      fix: 'kubectl --namespace kube-system get pods | grep cloud-controller-manager',
    },
    NodeWithoutAddress: {
      severity: 'warning',
      means:
        'The Node reports no IP address, so its kubelet never asks. Critical where the API server verifies kubelets.',
      fix: "On NODE: echo 'KUBELET_EXTRA_ARGS=--node-ip=ADDRESS' | sudo tee /etc/default/kubelet && sudo systemctl restart kubelet",
    },
    NoCsr: {
      severity: 'warning',
      means:
        'The kubelet has no certificate, and no CSR of it is stored. It may lack the right to create CSRs, or a webhook refuses them. Critical where the API server verifies kubelets.',
      fix: 'On NODE: sudo journalctl --unit kubelet | grep -i certificate',
    },
  },
  run: (facts) =>
    ifKnown(facts.kubelets, SUBJECT, (kubelets) =>
      ifKnown(facts.csrs, SUBJECT, () => {
        const severity = severityOf(facts)
        const found = kubelets.flatMap((kubelet) => outcomesOf(kubelet, facts.now))
        return orOk(
          found.map((outcome) => ({ ...outcome, severity })),
          SUBJECT,
          'every kubelet without a certificate has asked for one',
        )
      }),
    ),
})

function outcomesOf(kubelet: Kubelet, now: number): Outcome<Id>[] {
  const { node, csr, dialled } = kubelet
  if (dialled?.saw === 'certificate') return []
  const about = { subject: subjectOf(kubelet), names: { NODE: node.name } }
  const since = `the Node is ${age(now - node.createdAt)} old`
  if (node.uninitialized && csr === null) {
    const evidence = `it has the taint node.cloudprovider.kubernetes.io/uninitialized, and ${since}`
    return [{ found: 'CloudProviderMissing', evidence, ...about }]
  }
  if (node.dial === null)
    return [{ found: 'NodeWithoutAddress', evidence: `it reports no IP address, and ${since}`, ...about }]
  if (csr !== null || dialled?.saw !== 'noCertificate') return []
  const evidence = `its kubelet answers with tls: internal error, and no CSR of it is stored`
  return [{ found: 'NoCsr', evidence, ...about }]
}
