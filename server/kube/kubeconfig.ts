import { accessSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import path from 'node:path'
// The package's index would load 2,700 generated models. This file alone reads kubeconfigs and logs in.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { Impersonation } from '../ports.ts'

/**
 * Where to read the API server's URL and the credentials. Without `kubeconfig`, the first that exists is used:
 * `$KUBECONFIG`, the pod's service account, `~/.kube/config`.
 */
export interface ClusterSource {
  /** A kubeconfig file. */
  readonly kubeconfig?: string
  readonly context?: string
  /** Whom every call impersonates. */
  readonly impersonate?: Impersonation
  /** Of a call that has no time limit of its own. */
  readonly timeoutMs?: number
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folder of `token` and `ca.crt`. */
  readonly serviceAccount?: string
}

/** The folder that the kubelet mounts into each pod. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Reads and checks the configuration of a cluster. The checks are necessary, since the library accepts a malformed
 * kubeconfig (`clusters: 5`) and a pod without its environment (`https://undefined:undefined`).
 * @throws Error with a message for the user
 */
export function loadKubeConfig(source: ClusterSource): KubeConfig {
  const config = read(source)
  if (source.context !== undefined) config.setCurrentContext(source.context)
  const cluster = config.getCurrentCluster()
  if (cluster === null || typeof cluster.server !== 'string') {
    throw new Error(
      `the kubeconfig has no cluster for its context ${JSON.stringify(config.getCurrentContext() ?? '')}`,
    )
  }
  if (config.getCurrentUser() === null) throw new Error('the kubeconfig has no user for its context')
  const url = URL.parse(cluster.server)
  if (url?.protocol !== 'https:') {
    throw new Error(`the API server's address is not an https URL: ${JSON.stringify(cluster.server)}`)
  }
  return config
}

function read(source: ClusterSource): KubeConfig {
  const inCluster = inClusterServer(source)
  if (source.kubeconfig !== undefined) return fileConfig(source.kubeconfig)
  const files = listedIn(source.env['KUBECONFIG'])
  if (files.length > 0) return mergedConfig(files)
  if (inCluster !== undefined) return serviceAccountConfig(source, inCluster)
  return fileConfig(path.join(source.env['HOME'] ?? '/', '.kube', 'config'))
}

/** As kubectl: of entries with one name the first counts, and files that do not exist are passed over. */
function mergedConfig(files: readonly string[]): KubeConfig {
  const existing = files.filter(exists)
  const [config = fileConfig(files[0] ?? ''), ...others] = existing.map(fileConfig)
  for (const { clusters, users, contexts, currentContext } of others) {
    config.clusters = firstByName([...config.clusters, ...clusters])
    config.users = firstByName([...config.users, ...users])
    config.contexts = firstByName([...config.contexts, ...contexts])
    config.currentContext ||= currentContext
  }
  return config
}

function firstByName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return entries.filter(({ name }, index) => entries.findIndex((one) => one.name === name) === index)
}

function fileConfig(file: string): KubeConfig {
  const config = new KubeConfig()
  try {
    config.loadFromFile(file)
  } catch (error) {
    throw new Error(`the kubeconfig ${file} cannot be read`, { cause: error })
  }
  return config
}

/** The files of `$KUBECONFIG`. */
function listedIn(list: string | undefined): string[] {
  return list?.split(path.delimiter).filter((file) => file !== '') ?? []
}

/** The API server's URL from the environment that the kubelet sets in each pod. Undefined outside a pod. */
function inClusterServer({ env, serviceAccount = SERVICE_ACCOUNT }: ClusterSource): string | undefined {
  if (!exists(path.join(serviceAccount, 'token'))) return undefined
  const host = env['KUBERNETES_SERVICE_HOST']
  const port = env['KUBERNETES_SERVICE_PORT']
  if (!host || !port) return undefined
  return `https://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

function serviceAccountConfig(
  { serviceAccount = SERVICE_ACCOUNT }: ClusterSource,
  server: string,
): KubeConfig {
  const tokenFile = path.join(serviceAccount, 'token')
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: [
      { name: 'cluster', server, caFile: path.join(serviceAccount, 'ca.crt'), skipTLSVerify: false },
    ],
    users: [{ name: 'service-account', authProvider: { name: 'tokenFile', config: { tokenFile } } }],
    contexts: [{ name: 'pod', cluster: 'cluster', user: 'service-account' }],
    currentContext: 'pod',
  })
  return config
}

function exists(file: string): boolean {
  try {
    accessSync(file)
    return true
  } catch {
    return false
  }
}
