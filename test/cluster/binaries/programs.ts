/** The programs a cluster is made of, where each comes from, and where the user's cache keeps it. */
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Held to test/cluster/toolchain/<module>/go.mod by a test. */
export const VERSIONS = {
  kubernetes: 'v1.36.3',
  etcd: 'v3.6.8',
  helm: 'v4.3.1',
  'cert-manager': 'v1.21.2',
} as const

export type Origin = keyof typeof VERSIONS

export const ORIGINS: readonly Origin[] = ['kubernetes', 'etcd', 'helm', 'cert-manager']

export const PROGRAMS = {
  'cert-manager-cainjector': 'cert-manager',
  'cert-manager-controller': 'cert-manager',
  etcd: 'etcd',
  helm: 'helm',
  'kube-apiserver': 'kubernetes',
  'kube-controller-manager': 'kubernetes',
  'kube-proxy': 'kubernetes',
  'kube-scheduler': 'kubernetes',
  kubeadm: 'kubernetes',
  kubectl: 'kubernetes',
  kubelet: 'kubernetes',
} as const satisfies Record<string, Origin>

export type Program = keyof typeof PROGRAMS

export type Environment = Readonly<Record<string, string | undefined>>

/** Called as Kubernetes calls them: linux, darwin; amd64, arm64. */
export interface Platform {
  readonly os: string
  readonly arch: string
}

export const thisPlatform: Platform = {
  os: process.platform,
  arch: process.arch === 'x64' ? 'amd64' : process.arch,
}

/** `~/.cache/kubelet-csr-gate/binaries/v1.36.3-linux-amd64`; others carry their own version. */
export function cacheFolder(origin: Origin, platform: Platform, environment: Environment): string {
  const root = environment['XDG_CACHE_HOME'] || join(environment['HOME'] || homedir(), '.cache')
  const version = origin === 'kubernetes' ? VERSIONS[origin] : `${origin}-${VERSIONS[origin]}`
  return join(root, 'kubelet-csr-gate', 'binaries', `${version}-${platform.os}-${platform.arch}`)
}
