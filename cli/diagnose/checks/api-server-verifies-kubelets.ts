import { defineCheck, KUBELET_CA, type Outcome } from '../check.ts'
import type { ControlPlanePod, Facts } from '../facts.ts'
import { ifKnown } from './outcomes.ts'
import { addsFlag } from '../steps.ts'

const SUBJECT = 'API server'

type Code = 'KubeletsNotVerified' | 'UpgradeDropsFlag'

export const apiServerVerifiesKubelets = defineCheck<Code>({
  id: 'ApiServerVerifiesKubelets',
  asks: '--kubelet-certificate-authority of each kube-apiserver, and whether kubeadm keeps it on upgrades.',
  cis: '1.2.5',
  kinds: {
    KubeletsNotVerified: {
      severity: 'warning',
      means:
        'The API server accepts any certificate from a kubelet: whoever takes the address of a node sees what is sent to exec, and answers logs.',
      fix: [
        {
          about: 'First see that every kubelet serves a certificate of the cluster',
          run: 'kubelet-csr-gate status',
        },
        {
          on: 'each control plane of kubeadm, one after the other',
          about: 'Once it exits with 0',
          run: addsFlag('kube-apiserver', '--kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt'),
        },
      ],
    },
    UpgradeDropsFlag: {
      severity: 'warning',
      means: 'The flag is set by hand. The next kubeadm upgrade writes the manifest anew, without it.',
      fix: [
        {
          about:
            'In the editor, add kubelet-certificate-authority with /etc/kubernetes/pki/ca.crt to apiServer.extraArgs',
          run: 'kubectl --namespace kube-system edit configmap kubeadm-config',
        },
      ],
    },
  },
  run: ({ apiServers, kubeadm }) =>
    ifKnown(apiServers, SUBJECT, (pods) => [
      ...pods.map(flagOutcome),
      ...(pods.every(isVerifying) ? keptOutcomes(kubeadm) : []),
    ]),
})

const isVerifying = ({ flags }: ControlPlanePod): boolean => flags.has(KUBELET_CA)

function flagOutcome(pod: ControlPlanePod): Outcome<Code> {
  const subject = `Pod kube-system/${pod.name}`
  const value = pod.flags.get(KUBELET_CA)
  if (value !== undefined) return { kind: 'ok', evidence: `--${KUBELET_CA}=${value}`, subject }
  return { kind: 'found', code: 'KubeletsNotVerified', subject, evidence: `--${KUBELET_CA} is not set` }
}

function keptOutcomes(kubeadm: Facts['kubeadm']): readonly Outcome<Code>[] {
  const subject = 'ConfigMap kube-system/kubeadm-config'
  return ifKnown(kubeadm, subject, (flags) => {
    if (flags === null || flags.apiServer.has(KUBELET_CA)) return []
    const evidence = `apiServer.extraArgs lacks ${KUBELET_CA}, which all API servers have`
    return [{ kind: 'found', code: 'UpgradeDropsFlag', subject, evidence }]
  })
}
