import { oneLine } from '../../../policies/text.ts'
import { defineCheck, KUBELET_CA, type Outcome } from '../check.ts'
import type { ControlPlanePod, Facts } from '../facts.ts'
import { found, ifKnown, NOT_TRUSTED, ok } from './outcomes.ts'
import { addsFlag, changesFlag } from '../steps.ts'

const MESSAGE_MAX = 300

type Code = 'OtherKubeletCa' | 'KubeletsNotVerified' | 'UpgradeDropsFlag'

export const apiServerVerifiesKubelets = defineCheck<Code>({
  id: 'ApiServerVerifiesKubelets',
  subject: 'API server',
  asks: '--kubelet-certificate-authority of each kube-apiserver, whether it is the CA of the kubelets, and whether kubeadm keeps it on upgrades.',
  cis: '1.2.5',
  kinds: {
    OtherKubeletCa: {
      severity: 'critical',
      means:
        'The API server verifies kubelets by a CA that did not sign their certificates: kubectl logs and exec fail for all nodes with `certificate signed by unknown authority`.',
      fix: [
        {
          on: 'each control plane of kubeadm, one after the other',
          about: 'Name the CA by which kube-controller-manager signs',
          run: changesFlag('kube-apiserver', `--${KUBELET_CA}`, 'FILE'),
        },
      ],
    },
    KubeletsNotVerified: {
      severity: 'warning',
      means:
        'The API server accepts any certificate from a kubelet. Whoever takes the address of a node can read exec sessions and forge logs.',
      fix: [
        {
          about: 'First check that every kubelet serves a certificate of the cluster',
          run: 'kubelet-csr-gate status',
        },
        {
          on: 'each control plane of kubeadm, one after the other',
          about: 'When this command exits with 0',
          run: addsFlag('kube-apiserver', '--kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt'),
        },
      ],
    },
    UpgradeDropsFlag: {
      severity: 'warning',
      means:
        'The flag is set only in the manifest. The next kubeadm upgrade regenerates the manifest without it.',
      fix: [
        {
          about:
            'In the editor, add kubelet-certificate-authority with /etc/kubernetes/pki/ca.crt to apiServer.extraArgs',
          run: 'kubectl --namespace kube-system edit configmap kubeadm-config',
        },
      ],
    },
  },
  run: ({ apiServers, kubeadm, ...facts }) =>
    ifKnown(apiServers, (pods) => [
      ...otherCaOutcomes(pods, facts),
      ...pods.map(flagOutcome),
      ...(pods.every(isVerifying) ? keptOutcomes(kubeadm) : []),
    ]),
})

const isVerifying = ({ flags }: ControlPlanePod): boolean => flags.has(KUBELET_CA)

/** A kubelet with a certificate of the cluster, which the API server does not accept. */
function otherCaOutcomes(
  pods: readonly ControlPlanePod[],
  { ownLogs, kubelets, controllerManagers }: Pick<Facts, 'ownLogs' | 'kubelets' | 'controllerManagers'>,
): readonly Outcome<Code>[] {
  const subject = `Pod kube-system/${pods[0]?.name}`
  return ifKnown(
    ownLogs,
    ({ node, problem }) => {
      const served = kubelets.known && kubelets.value.find((kubelet) => kubelet.node.name === node)
      if (!problem.includes(NOT_TRUSTED) || !served || served.signedBy !== 'cluster') return []
      const evidence = `it rejects the certificate of the cluster that the kubelet of ${node} serves: ${oneLine(problem, MESSAGE_MAX)}`
      return [found('OtherKubeletCa', evidence, { subject, names: { FILE: signerCa(controllerManagers) } })]
    },
    subject,
  )
}

/** Where the signer has its CA: on a control plane of kubeadm, API servers have the same files. */
function signerCa(controllerManagers: Facts['controllerManagers']): string {
  const [flags] = controllerManagers.known ? controllerManagers.value.map((pod) => pod.flags) : []
  return (
    flags?.get('cluster-signing-kubelet-serving-cert-file') ??
    flags?.get('cluster-signing-cert-file') ??
    '/etc/kubernetes/pki/ca.crt'
  )
}

function flagOutcome(pod: ControlPlanePod): Outcome<Code> {
  const subject = `Pod kube-system/${pod.name}`
  const value = pod.flags.get(KUBELET_CA)
  if (value !== undefined) return ok(`--${KUBELET_CA}=${value}`, subject)
  return found('KubeletsNotVerified', `--${KUBELET_CA} is not set`, { subject })
}

function keptOutcomes(kubeadm: Facts['kubeadm']): readonly Outcome<Code>[] {
  const subject = 'ConfigMap kube-system/kubeadm-config'
  return ifKnown(
    kubeadm,
    (flags) => {
      if (flags === null || flags.apiServer.has(KUBELET_CA)) return []
      const evidence = `apiServer.extraArgs lacks ${KUBELET_CA}, but all API servers have it`
      return [found('UpgradeDropsFlag', evidence, { subject })]
    },
    subject,
  )
}
