/** How one process serves: what `kubelet-csr-gate serve` was asked for, checked and complete. */
export interface ServeOptions {
  /** How to reach the API server. Nulls mean: the service account of the pod, else the usual kubeconfig. */
  readonly api: {
    readonly kubeconfig: string | null
    readonly context: string | null
    /** An https URL that replaces the one of the kubeconfig or of the pod's environment. */
    readonly server: string | null
  }
  /** The policy file; null for the default policy. */
  readonly policy: string | null
  readonly webhook: boolean
  readonly controller: boolean
  /** Null while the webhook is off. */
  readonly tls: TlsOptions | null
  readonly webhookListen: ListenAddress
  readonly metricsListen: ListenAddress
  /** Null: this process is the only one, and acts without asking others. */
  readonly lease: { readonly namespace: string; readonly name: string } | null
  /** Who this process is in the Lease and in Events: the pod's name. */
  readonly identity: string
  /** Seconds between SIGTERM and the last accepted connection. */
  readonly drainSeconds: number
}

export type TlsOptions =
  | { readonly mode: 'files'; readonly cert: string; readonly key: string }
  | {
      readonly mode: 'self-signed'
      readonly secret: { readonly namespace: string; readonly name: string }
      /** DNS names and IP addresses that the API server calls us by. */
      readonly names: readonly string[]
      /** The ValidatingWebhookConfiguration whose caBundle is ours to keep. */
      readonly webhookConfiguration: string
    }

export interface ListenAddress {
  /** An IP address: one address is one listener. */
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
}
