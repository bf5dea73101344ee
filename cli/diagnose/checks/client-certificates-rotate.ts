import { defineCheck } from '../check.ts'
import { ifKnown } from './outcomes.ts'

const SUBJECT = 'ConfigMap kube-system/kubelet-config'

export const clientCertificatesRotate = defineCheck({
  id: 'ClientCertificatesRotate',
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
    ifKnown(kubeletConfig, SUBJECT, (defaults) => {
      if (defaults === null)
        return [
          {
            kind: 'notVisible',
            evidence: 'there is none: the configuration of kubelets is not visible',
            subject: SUBJECT,
          },
        ]
      return defaults.rotateCertificates
        ? [{ kind: 'ok', evidence: 'rotateCertificates is true', subject: SUBJECT }]
        : [
            {
              kind: 'found',
              code: 'ClientRotationOff',
              subject: SUBJECT,
              evidence: 'rotateCertificates is not true',
            },
          ]
    }),
})
