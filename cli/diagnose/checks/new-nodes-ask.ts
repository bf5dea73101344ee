import { defineCheck, type Outcome } from '../check.ts'
import type { Facts, KubeletDefaults } from '../facts.ts'
import { found, ifKnown, orOk } from './outcomes.ts'

type Code = 'NewNodesWithoutBootstrap' | 'RotationGateOff'

export const newNodesAsk = defineCheck<Code>({
  id: 'NewNodesAsk',
  subject: 'ConfigMap kube-system/kubelet-config',
  asks: 'The KubeletConfiguration with which nodes join, where kubeadm made the cluster: serverTLSBootstrap and its feature gate.',
  cis: '4.2.11',
  kinds: {
    NewNodesWithoutBootstrap: {
      severity: 'warning',
      means: 'Kubelets serve certificates of the cluster, but nodes that join from now on will not.',
      fix: [
        {
          run: "kubectl --namespace kube-system get configmap kubelet-config --output yaml | sed '/serverTLSBootstrap:/d;s/^\\( *\\)kind: KubeletConfiguration/&\\n\\1serverTLSBootstrap: true/' | kubectl apply --filename -",
        },
      ],
    },
    RotationGateOff: {
      severity: 'warning',
      means:
        'The feature gate RotateKubeletServerCertificate is off, so serverTLSBootstrap has no effect on nodes that join.',
      fix: [
        {
          about: 'In the editor, remove RotateKubeletServerCertificate from featureGates',
          run: 'kubectl --namespace kube-system edit configmap kubelet-config',
        },
      ],
    },
  },
  run: (facts) =>
    ifKnown(facts.kubeletConfig, (defaults) =>
      orOk(defaults === null ? [] : outcomesOf(defaults, facts), okOf(defaults)),
    ),
})

function okOf(defaults: KubeletDefaults | null): string {
  if (defaults === null) return 'does not exist: kubeadm did not make the cluster'
  return defaults.serverTLSBootstrap
    ? 'serverTLSBootstrap is true'
    : 'serverTLSBootstrap is off, as on all nodes'
}

function outcomesOf(
  { serverTLSBootstrap, rotationGateOff }: KubeletDefaults,
  { kubelets }: Facts,
): Outcome<Code>[] {
  if (rotationGateOff)
    return [found('RotationGateOff', 'featureGates has RotateKubeletServerCertificate: false')]
  const others = kubelets.known ? kubelets.value.filter(({ signedBy }) => signedBy === 'cluster').length : 0
  if (serverTLSBootstrap || others === 0) return []
  const evidence = `serverTLSBootstrap is not true, and ${others} kubelets serve certificates of the cluster`
  return [found('NewNodesWithoutBootstrap', evidence)]
}
