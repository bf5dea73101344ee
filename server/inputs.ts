import type { Config } from './config.ts'
import type { ClusterSource } from './kube/kubeconfig.ts'
import { type Cluster, connect } from './kube/transport.ts'
import type { Recorder } from './ports.ts'
import type { Runs } from './runs.ts'
import { type CaFile, loadCaFile } from './tls/ca-file.ts'
import {
  type LoadedCertificate,
  loadCertificate,
  type ServingCertificate,
} from './tls/serving-certificate.ts'

/** What the configuration names, read and checked. */
interface Inputs {
  readonly cluster: Cluster
  /** Where the Machines are, null if that is `cluster`. */
  readonly managementCluster: Cluster | null
  /** Null if this process does not read it from files. */
  readonly certificate: ServingCertificate | null
  /** The CAs of callers of the webhook. Without them no client certificate is asked for. */
  readonly clientCa: CaFile
  /** The CAs of kubelets besides the cluster's. */
  readonly kubeletCa: CaFile
}

type LoadedInputs =
  | { readonly ok: true; readonly inputs: Inputs }
  | { readonly ok: false; readonly faults: readonly string[] }

interface InputsDependencies {
  readonly config: Config
  readonly runs: Runs
  readonly api: ClusterSource
  readonly recorder: Pick<Recorder, 'apiRequest'>
}

/** Reads the certificate and the cluster configuration, and lists all faults. Makes no network calls. */
export async function loadInputs({ config, runs, api, recorder }: InputsDependencies): Promise<LoadedInputs> {
  const serving = await loadServing(config, runs)
  const clientCa = await loadCaFile(config.webhook.clientCAFile)
  const kubeletCa = await loadCaFile(runs.judgesStored ? config.kubelet.caFile : '')
  const cluster = connectCluster(api, recorder)
  const { kubeconfigFile } = config.sources.clusterApi
  const isElsewhere = runs.judgesStored && kubeconfigFile !== ''
  // Without the environment: that of the pod is of this cluster.
  const management = isElsewhere ? connectCluster({ kubeconfig: kubeconfigFile, env: {} }, recorder) : HERE
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

const HERE = { ok: true, cluster: null } as const
const NO_CERTIFICATE = { ok: true, certificate: null } as const

/** The certificate of the webhook as files, if this process reads it, or all faults of them. */
export async function loadServing(
  { tls }: Pick<Config, 'tls'>,
  { certificate }: Pick<Runs, 'certificate'>,
): Promise<LoadedCertificate | typeof NO_CERTIFICATE> {
  return certificate === 'read' ? await loadCertificate(tls, Date.now()) : NO_CERTIFICATE
}

type ConnectedCluster =
  | { readonly ok: true; readonly cluster: Cluster }
  | { readonly ok: false; readonly faults: readonly string[] }

function connectCluster(source: ClusterSource, recorder: Pick<Recorder, 'apiRequest'>): ConnectedCluster {
  try {
    return { ok: true, cluster: connect(source, recorder) }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { ok: false, faults: [`${source.kubeconfig ?? 'the API server'}: ${problem}`] }
  }
}
