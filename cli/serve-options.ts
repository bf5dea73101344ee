import { parsePrefix } from '../policies/address.ts'
import type { Component, Config } from '../server/config.ts'
import type { MachinesOptions, ServeOptions, TlsOptions, TruthOptions } from '../server/options.ts'

/** What a process of the service is told, besides its config file. */
export interface ServeFlags {
  readonly config?: string
  readonly component: Component
  readonly kubeconfig?: string
  readonly context?: string
  readonly logLevel: string
}

/** The options of a process that runs a component of what the config file describes. */
export function serveOptions(flags: ServeFlags, config: Config, identity: string): ServeOptions {
  const { namespace, leaderElection, ledger } = config
  const runs = runsOf(flags.component, config)
  // The guard judges as the controller does.
  const looks = runs.controller || config.guard.enabled
  return {
    ...runs,
    api: { kubeconfig: flags.kubeconfig ?? null, context: flags.context ?? null },
    tls: tlsOf(config, runs),
    webhookListen: { host: config.listenAddress, port: config.webhook.port },
    webhookCallers: {
      clientCa: config.webhook.clientCAFile || null,
      prefixes: config.webhook.callers.flatMap((caller) => parsePrefix(caller) ?? []),
    },
    probe: looks ? { port: config.kubelet.port, ca: config.kubelet.caFile || null } : null,
    breakGlassGroups: config.guard.breakGlassGroups,
    metricsListen: { host: config.listenAddress, port: config.metrics.port },
    lease: leaderElection.leaderElect ? { namespace, name: leaderElection.resourceName } : null,
    ledger: ledger.name === '' ? null : { namespace, name: ledger.name },
    identity,
    truth: looks ? truthOf(config) : NO_TRUTH,
    drainSeconds: config.drainSeconds,
  }
}

interface Runs {
  readonly webhook: boolean
  readonly controller: boolean
}

/** The components that are enabled, and that this process is told to run. */
export function runsOf(component: Component, { webhook, controller }: Config): Runs {
  return {
    webhook: webhook.enabled && component !== 'controller',
    controller: controller.enabled && component !== 'webhook',
  }
}

/** The controller keeps a self-signed certificate, for webhooks in other processes too; without it, the webhook does. */
export function tlsOf({ namespace, webhook, controller, tls }: Config, runs: Runs): TlsOptions | null {
  const keeps = webhook.enabled && tls.mode === 'selfSigned' && (runs.controller || !controller.enabled)
  if (keeps) {
    const { names, webhookConfiguration } = tls
    return { mode: 'self-signed', secret: { namespace, name: tls.secretName }, names, webhookConfiguration }
  }
  return runs.webhook ? { mode: 'files', cert: tls.certFile, key: tls.keyFile } : null
}

const NO_TRUTH: TruthOptions = { inventory: [], machines: null, dns: null }

function truthOf(config: Config): TruthOptions {
  const { namespace, sources } = config
  return {
    inventory: sources.inventory.configMaps.map((name) => ({ namespace, name })),
    machines: machinesOf(config),
    dns: sources.dns.domains.length === 0 ? null : sources.dns,
  }
}

function machinesOf({ sources: { clusterApi } }: Config): MachinesOptions | null {
  const { cluster, namespace, openshiftNamespace } = clusterApi
  const kubeconfig = clusterApi.kubeconfigFile || null
  if (cluster !== '') return { cluster, namespace, kubeconfig }
  return openshiftNamespace === '' ? null : { cluster: null, namespace: openshiftNamespace, kubeconfig }
}
