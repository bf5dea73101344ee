/** The programs a cluster is made of, where each comes from, and where the user's cache keeps it. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Environment, type Origin, versionOf } from './versions.ts'

export const PROGRAMS = {
  'cert-manager-cainjector': 'cert-manager',
  'cert-manager-controller': 'cert-manager',
  etcd: 'etcd',
  helm: 'helm',
  helm3: 'helm3',
  'kube-apiserver': 'kubernetes',
  'kube-controller-manager': 'kubernetes',
  'kube-proxy': 'kubernetes',
  'kube-scheduler': 'kubernetes',
  kubeadm: 'kubernetes',
  kubectl: 'kubernetes',
  kubelet: 'kubernetes',
  'kubelet-csr-approver': 'kubelet-csr-approver',
} as const satisfies Record<string, Origin>

export type Program = keyof typeof PROGRAMS

/** In the spelling of Kubernetes: linux, darwin; amd64, arm64. */
export interface Platform {
  readonly os: string
  readonly arch: string
}

export const thisPlatform: Platform = {
  os: process.platform,
  arch: process.arch === 'x64' ? 'amd64' : process.arch,
}

/** `~/.cache/kubelet-csr-gate/binaries/v1.36.3-linux-amd64`; the others carry their own version. */
export function cacheFolder(origin: Origin, platform: Platform, environment: Environment): string {
  const root = environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache')
  const version = versionOf(origin, environment)
  const name = origin === 'kubernetes' ? version : `${origin}-${version}`
  return join(root, 'kubelet-csr-gate', 'binaries', `${name}-${platform.os}-${platform.arch}`)
}
