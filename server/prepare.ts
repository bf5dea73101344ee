import type { Rules } from '../policies/rules.ts'
import type { ClusterSource } from './kube/kubeconfig.ts'
import { type Cluster, connect } from './kube/transport.ts'
import type { ServeOptions } from './options.ts'
import { loadPolicy } from './policy/load.ts'
import type { Recorder } from './ports.ts'
import { loadCaFile } from './tls/ca-file.ts'
import { loadCertificate, type ServingCertificate } from './tls/files.ts'

/** The configuration that the service starts from, read and checked. */
export interface Prepared {
  readonly rules: Rules
  readonly cluster: Cluster
  /** Where the Machines are, null if that is `cluster`. */
  readonly managementCluster: Cluster | null
  /** Null if the webhook is off, and in self-signed mode, which issues the certificate later. */
  readonly certificate: ServingCertificate | null
  /** PEM. Null if no client certificate is asked for. */
  readonly clientCa: string | null
  /** PEM. Null if kubelets have no CA of their own. */
  readonly probeCa: string | null
}

export type Preparation =
  | { readonly ok: true; readonly prepared: Prepared }
  | { readonly ok: false; readonly faults: readonly string[] }

/** Reads the policy, the certificate and the cluster configuration, and lists all faults. Makes no network calls. */
export async function prepare(
  options: ServeOptions,
  env: ClusterSource['env'],
  recorder: Pick<Recorder, 'apiRequest'>,
): Promise<Preparation> {
  const policy = await loadPolicy(options.policy)
  const serving = await prepareServing(options)
  const clientCa = await loadCaFile(options.webhookCallers.clientCa)
  const probeCa = await loadCaFile(options.probe.ca)
  const cluster = prepareCluster(options.api, env, recorder)
  const management = prepareManagement(options, recorder)
  const parts = [policy, serving, clientCa, probeCa, cluster, management]
  const faults = parts.flatMap((part) => (part.ok ? [] : part.faults))
  if (!policy.ok || !serving.ok || !clientCa.ok || !probeCa.ok || !cluster.ok || !management.ok)
    return { ok: false, faults }
  return {
    ok: true,
    prepared: {
      rules: policy.rules,
      cluster: cluster.cluster,
      managementCluster: management.cluster,
      certificate: serving.certificate,
      clientCa: clientCa.pem,
      probeCa: probeCa.pem,
    },
  }
}

type PreparedServing =
  | { readonly ok: true; readonly certificate: ServingCertificate | null }
  | { readonly ok: false; readonly faults: readonly string[] }

async function prepareServing({ tls }: ServeOptions): Promise<PreparedServing> {
  return tls?.mode === 'files' ? await loadCertificate(tls, Date.now()) : { ok: true, certificate: null }
}

type PreparedCluster =
  | { readonly ok: true; readonly cluster: Cluster }
  | { readonly ok: false; readonly faults: readonly string[] }

function prepareManagement(
  { truth: { machines } }: ServeOptions,
  recorder: Pick<Recorder, 'apiRequest'>,
): PreparedCluster | { readonly ok: true; readonly cluster: null } {
  const kubeconfig = machines?.kubeconfig ?? null
  if (kubeconfig === null) return { ok: true, cluster: null }
  // Without the environment: that of the pod is of this cluster.
  return prepareCluster({ kubeconfig, context: null, server: null }, {}, recorder)
}

function prepareCluster(
  { kubeconfig, context, server }: ServeOptions['api'],
  env: ClusterSource['env'],
  recorder: Pick<Recorder, 'apiRequest'>,
): PreparedCluster {
  const source = {
    env,
    ...(kubeconfig !== null && { kubeconfig }),
    ...(context !== null && { context }),
    ...(server !== null && { server }),
  }
  try {
    return { ok: true, cluster: connect(source, recorder) }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { ok: false, faults: [`${kubeconfig ?? 'the API server'}: ${problem}`] }
  }
}
