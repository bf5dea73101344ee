import { join } from 'node:path'

/** The programs this test needs, by their paths. */
export interface Binaries {
  readonly etcd: string
  readonly kubeApiserver: string
  readonly kubeControllerManager: string
  readonly kubeScheduler: string
  readonly kubelet: string
  readonly kubeadm: string
  readonly kubeProxy: string
  readonly kubectl: string
  readonly helm: string
}

export function binariesIn(folder: string): Binaries {
  return {
    etcd: join(folder, 'etcd'),
    kubeApiserver: join(folder, 'kube-apiserver'),
    kubeControllerManager: join(folder, 'kube-controller-manager'),
    kubeScheduler: join(folder, 'kube-scheduler'),
    kubelet: join(folder, 'kubelet'),
    kubeadm: join(folder, 'kubeadm'),
    kubeProxy: join(folder, 'kube-proxy'),
    kubectl: join(folder, 'kubectl'),
    helm: join(folder, 'helm'),
  }
}
