/** Flags and configuration of the control plane. */
import { parse, stringify } from 'yaml'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { apply, kubectl } from '../../kubeadm/kubectl.ts'
import { shiftClock } from '../steps/clock.ts'
import { type Component, editFlags, moveManifest } from '../steps/static-pods.ts'
import type { Breakage } from './breakage.ts'

const API_SERVER = 'Pod kube-system/kube-apiserver-control-plane'
const SIGNER = 'kube-controller-manager'
const CONTROLLER_MANAGER = 'Pod kube-system/kube-controller-manager-control-plane'

/** Takes out the flags that begin so, and puts others in their place. */
function flags(
  component: Component,
  begin: readonly string[],
  instead: readonly string[] = [],
): Pick<Breakage, 'by' | 'mend'> {
  let before: readonly string[] = []
  return {
    by: (cluster) =>
      editFlags(cluster, component, (present) => {
        before = present
        return [...present.filter((flag) => !begin.some((start) => flag.startsWith(start))), ...instead]
      }),
    mend: (cluster) => editFlags(cluster, component, () => before),
  }
}

interface ConfigMap {
  readonly apiVersion: 'v1'
  readonly kind: 'ConfigMap'
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly data: Readonly<Record<string, string>>
}

/** Changes the document under a key of a ConfigMap in kube-system. */
function document(
  name: string,
  key: string,
  change: (document: Record<string, unknown>) => object,
): Pick<Breakage, 'by' | 'mend' | 'subject'> {
  let before: ConfigMap | undefined
  return {
    by: async (cluster: Cluster) => {
      const get = ['get', 'configmap', name, '--namespace=kube-system', '-o=json']
      const { data }: ConfigMap = JSON.parse(await kubectl(cluster, get))
      const metadata = { name, namespace: 'kube-system' }
      before = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }
      await apply(cluster, { ...before, data: { ...data, [key]: stringify(change(parse(data[key] ?? ''))) } })
    },
    mend: async (cluster) => {
      if (before !== undefined) await apply(cluster, before)
    },
    subject: `ConfigMap kube-system/${name}`,
  }
}

export const brokenConfiguration: readonly Breakage[] = [
  {
    title: 'kubeadm does not know of --kubelet-certificate-authority',
    ...document('kubeadm-config', 'ClusterConfiguration', (cluster) => ({ ...cluster, apiServer: {} })),
    first: 'UpgradeDropsFlag',
  },
  {
    title: 'new nodes join without serverTLSBootstrap',
    ...document('kubelet-config', 'kubelet', (kubelet) => ({
      ...kubelet,
      serverTLSBootstrap: undefined,
    })),
    first: 'NewNodesWithoutBootstrap',
  },
  {
    title: 'new nodes do not renew their client certificates',
    ...document('kubelet-config', 'kubelet', (kubelet) => ({ ...kubelet, rotateCertificates: false })),
    first: 'ClientRotationOff',
  },
  {
    title: 'the feature gate of serving certificates is off',
    ...document('kubelet-config', 'kubelet', (kubelet) => ({
      ...kubelet,
      featureGates: { RotateKubeletServerCertificate: false },
    })),
    first: 'RotationGateOff',
  },
]

export const brokenControlPlanes: readonly Breakage[] = [
  {
    title: 'the API server runs without --kubelet-certificate-authority',
    ...flags('kube-apiserver', ['--kubelet-certificate-authority']),
    first: 'KubeletsNotVerified',
    subject: API_SERVER,
  },
  {
    title: 'the API server verifies kubelets by another CA',
    typed: true,
    ...flags(
      'kube-apiserver',
      ['--kubelet-certificate-authority'],
      ['--kubelet-certificate-authority=/etc/kubernetes/pki/front-proxy-ca.crt'],
    ),
    first: 'OtherKubeletCa',
    subject: API_SERVER,
  },
  {
    title: 'the clock of the controller manager is an hour ahead',
    typed: true,
    by: (cluster) => shiftClock(cluster.controlPlane, SIGNER, 3_600),
    mend: (cluster) => shiftClock(cluster.controlPlane, SIGNER, 0),
    first: 'SignerClockDiffers',
    subject: 'Clock of kube-controller-manager',
  },
  {
    title: 'NodeRestriction is off',
    ...flags('kube-apiserver', ['--enable-admission-plugins']),
    first: 'NodeRestrictionOff',
    subject: 'NodeRestriction',
  },
  {
    title: 'the controller manager runs without its signer',
    ...flags(
      'kube-controller-manager',
      ['--controllers'],
      ['--controllers=*,bootstrapsigner,tokencleaner,-csrsigning'],
    ),
    first: 'SignerDisabled',
    subject: CONTROLLER_MANAGER,
  },
  {
    title: 'the signer has no CA',
    ...flags('kube-controller-manager', ['--cluster-signing-']),
    first: 'SignerWithoutCa',
    subject: CONTROLLER_MANAGER,
  },
  {
    title: 'the controller manager does not run',
    by: (cluster) => moveManifest(cluster, 'kube-controller-manager', 'aside'),
    mend: (cluster) => moveManifest(cluster, 'kube-controller-manager', 'back'),
    first: 'ControllerManagerStopped',
    subject: 'kube-controller-manager',
    within: 100, // it is late once its Lease is a minute old
  },
]
