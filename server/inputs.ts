import type { ClusterSource } from './kube/kubeconfig.ts'
import { type Cluster, connect } from './kube/transport.ts'
import type { ServeOptions } from './options.ts'
import type { Recorder } from './ports.ts'
import { type CaFile, loadCaFile } from './tls/ca-file.ts'
import { loadCertificate, type ServingCertificate } from './tls/files.ts'

/** What the options name, read and checked. */
interface Inputs {
  readonly cluster: Cluster
  /** Where the Machines are, null if that is `cluster`. */
  readonly managementCluster: Cluster | null
  /** Null if the webhook is off, and in self-signed mode, which issues the certificate later. */
  readonly certificate: ServingCertificate | null
  /** The CAs of callers of the webhook. Without them no client certificate is asked for. */
  readonly clientCa: CaFile
  /** The CAs of kubelets besides the cluster's. */
  readonly kubeletCa: CaFile
}

type LoadedInputs =
  | { readonly ok: true; readonly inputs: Inputs }
  | { readonly ok: false; readonly faults: readonly string[] }

/** Reads the certificate and the cluster configuration, and lists all faults. Makes no network calls. */
export async function loadInputs(
  options: ServeOptions,
  env: ClusterSource['env'],
  recorder: Pick<Recorder, 'apiRequest'>,
): Promise<LoadedInputs> {
  const serving = await loadServing(options)
  const clientCa = await loadCaFile(options.webhookCallers.clientCa)
  const kubeletCa = await loadCaFile(options.probe?.ca ?? null)
  const cluster = connectCluster(options.api, env, recorder)
  const management = connectManagement(options, recorder)
  const loaded = [serving, clientCa, kubeletCa, cluster, management]
  const faults = loaded.flatMap((one) => (one.ok ? [] : one.faults))
  if (!serving.ok || !clientCa.ok || !kubeletCa.ok || !cluster.ok || !management.ok)
    return { ok: false, faults }
  return {
    ok: true,
    inputs: {
      cluster: cluster.cluster,
      managementCluster: management.cluster,
      certificate: serving.certificate,
      clientCa: clientCa.file,
      kubeletCa: kubeletCa.file,
    },
  }
}

type LoadedServing =
  | { readonly ok: true; readonly certificate: ServingCertificate | null }
  | { readonly ok: false; readonly faults: readonly string[] }

async function loadServing({ tls }: ServeOptions): Promise<LoadedServing> {
  return tls?.mode === 'files' ? await loadCertificate(tls, Date.now()) : { ok: true, certificate: null }
}

type ConnectedCluster =
  | { readonly ok: true; readonly cluster: Cluster }
  | { readonly ok: false; readonly faults: readonly string[] }

function connectManagement(
  { truth: { machines } }: ServeOptions,
  recorder: Pick<Recorder, 'apiRequest'>,
): ConnectedCluster | { readonly ok: true; readonly cluster: null } {
  const kubeconfig = machines?.kubeconfig ?? null
  if (kubeconfig === null) return { ok: true, cluster: null }
  // Without the environment: that of the pod is of this cluster.
  return connectCluster({ kubeconfig, context: null }, {}, recorder)
}

function connectCluster(
  { kubeconfig, context }: ServeOptions['api'],
  env: ClusterSource['env'],
  recorder: Pick<Recorder, 'apiRequest'>,
): ConnectedCluster {
  const source = {
    env,
    ...(kubeconfig !== null && { kubeconfig }),
    ...(context !== null && { context }),
  }
  try {
    return { ok: true, cluster: connect(source, recorder) }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { ok: false, faults: [`${kubeconfig ?? 'the API server'}: ${problem}`] }
  }
}
