/** The programs that a kubeadm cluster and its installation need. */
import { type PathOf, resolveBinaries } from '../binaries/resolve.ts'

const PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubeadm',
  'kubectl',
  'helm',
  'cert-manager-controller',
  'cert-manager-cainjector',
] as const

export type Binaries = PathOf<(typeof PROGRAMS)[number]>

export function locateBinaries(): Promise<Binaries> {
  return resolveBinaries(PROGRAMS)
}
