import { defineCheck } from '../check.ts'
import { found, ifKnown, notVisible, ok } from './outcomes.ts'

export const clientCertificatesRotate = defineCheck({
  id: 'ClientCertificatesRotate',
  subject: 'ConfigMap kube-system/kubelet-config',
  asks: 'rotateCertificates in the KubeletConfiguration with which nodes join, where kubeadm made the cluster.',
  cis: '4.2.10',
  kinds: {
    ClientRotationOff: {
      severity: 'warning',
      means:
        'Kubelets do not renew their client certificates. When those expire, nodes cannot reach the API server or request certificates.',
      fix: [
        {
          about:
            'In the editor, set rotateCertificates: true; then the same in /var/lib/kubelet/config.yaml of each node',
          run: 'kubectl --namespace kube-system edit configmap kubelet-config',
        },
      ],
    },
  },
  run: ({ kubeletConfig }) =>
    ifKnown(kubeletConfig, (defaults) => {
      if (defaults === null)
        return [notVisible('there is none: the configuration of kubelets is not visible')]
      return defaults.rotateCertificates
        ? [ok('rotateCertificates is true')]
        : [found('ClientRotationOff', 'rotateCertificates is not true')]
    }),
})
