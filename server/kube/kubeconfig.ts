import { accessSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import path from 'node:path'
// The package's index would load 2,700 generated models. This file alone reads kubeconfigs and logs in.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'

/**
 * Where to read the API server's URL and the credentials. Without `kubeconfig`, the first that exists is used:
 * `$KUBECONFIG`, the pod's service account, `~/.kube/config`.
 */
export interface ClusterSource {
  /** A kubeconfig file. */
  readonly kubeconfig?: string
  readonly context?: string
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
  const file = source.kubeconfig ?? firstOf(source.env['KUBECONFIG'])
  if (file === undefined && inCluster !== undefined) return serviceAccountConfig(source, inCluster)
  return fileConfig(file ?? path.join(source.env['HOME'] ?? '/', '.kube', 'config'))
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

/** The first file in `$KUBECONFIG`, which may list several. They are not merged. */
function firstOf(list: string | undefined): string | undefined {
  return list?.split(path.delimiter).find((file) => file !== '')
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
