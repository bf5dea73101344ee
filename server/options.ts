import type { Prefix } from '../policies/types.ts'

/** What one process of the service runs, and with what. */
export interface ServeOptions {
  /** How to reach the API server. If all are null: $KUBECONFIG, else the service account, else ~/.kube/config. */
  readonly api: {
    readonly kubeconfig: string | null
    readonly context: string | null
  }
  readonly webhook: boolean
  readonly controller: boolean
  /** Null if the webhook is off, unless this process keeps the self-signed certificate of webhooks in other processes. */
  readonly tls: TlsOptions | null
  readonly webhookListen: ListenAddress
  /** How API servers are told from other callers of the webhook; by default they are not. */
  readonly webhookCallers: {
    /** Path of the CAs that verify client certificates, or null. */
    readonly clientCa: string | null
    /** Empty: anywhere. */
    readonly prefixes: readonly Prefix[]
  }
  /** Null: this process dials nobody, as a webhook without the guard. */
  readonly probe: {
    /** The port of every kubelet, on which addresses are dialled. */
    readonly port: number
    /** Path of the CAs of kubelets besides the cluster's, or null. */
    readonly ca: string | null
  } | null
  /** Groups whose members may approve past policy. */
  readonly breakGlassGroups: readonly string[]
  readonly metricsListen: ListenAddress
  /** Null if this process is the only replica and needs no leader election. */
  readonly lease: { readonly namespace: string; readonly name: string } | null
  /** The ConfigMaps of the ledger begin with this name; null: it is kept in memory only. */
  readonly ledger: { readonly namespace: string; readonly name: string } | null
  /** The name of this process in the Lease and in Events: the pod's name. */
  readonly identity: string
  /** The sources of truth that this process has. The policy says which nodes need which of them. */
  readonly truth: TruthOptions
  /** Seconds between SIGTERM and the last accepted connection. */
  readonly drainSeconds: number
}

export interface TruthOptions {
  /** The ConfigMaps of the inventory, or empty. */
  readonly inventory: readonly { readonly namespace: string; readonly name: string }[]
  readonly machines: MachinesOptions | null
  /** Null if the DNS is not asked. */
  readonly dns: {
    /** Under these the DNS vouches for `<node>.<domain>`. Lower case. */
    readonly domains: readonly string[]
    /** Addresses with or without a port; empty: those of the pod. */
    readonly servers: readonly string[]
  } | null
}

export interface MachinesOptions {
  /** The Cluster of Cluster API, or null for the Machines of OpenShift. */
  readonly cluster: string | null
  readonly namespace: string
  /** A kubeconfig of the management cluster, or null if the Machines are in this cluster. */
  readonly kubeconfig: string | null
}

export type TlsOptions =
  | { readonly mode: 'files'; readonly cert: string; readonly key: string }
  | {
      readonly mode: 'self-signed'
      readonly secret: { readonly namespace: string; readonly name: string }
      /** DNS names and IP addresses under which the API server calls the webhook. */
      readonly names: readonly string[]
      /** The ValidatingWebhookConfiguration whose caBundle this process maintains. */
      readonly webhookConfiguration: string
    }

export interface ListenAddress {
  /** An IP address, not a host name, so that there is exactly one listener. */
  readonly host: string
  /** 0 for any free port. */
  readonly port: number
}
