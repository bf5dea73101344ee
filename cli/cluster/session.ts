import type { ClusterSource } from '../../server/kube/kubeconfig.ts'
import type { Cluster } from '../../server/kube/transport.ts'
import type { ClusterOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { readText } from '../../server/files.ts'
import { textAt } from '../../server/json.ts'
import { quietRecorder } from './quiet.ts'
import { problemOf } from './refusal.ts'

/** A connection to the cluster of a kubeconfig, for the time of one command. */
export interface Session {
  readonly cluster: Cluster
  /** The name of the context, as the kubeconfig has it. */
  readonly context: string
  /** The URL of the API server. */
  readonly server: string
  /** PEM certificates of the CA that verifies the API server; empty if the kubeconfig has none. */
  readonly ca: string
  /** The namespace to look for the installed kubelet-csr-gate in; null for all. */
  readonly namespace: string | null
  /** Such as `v1.36.3`; empty if the API server was not asked, or does not show it. */
  readonly version: string
}

export type OpenedSession =
  | { readonly ok: true; readonly session: Session }
  | {
      readonly ok: false
      readonly problem: Problem
      /** Whether it may go away by itself: the kubeconfig is not there yet, or the API server is not up yet. */
      readonly mayHeal: boolean
    }

/** Reads the kubeconfig and prepares the client. Makes no call: the API server may not be up yet. */
async function prepareSession(options: ClusterOptions, env: Context['env']): Promise<OpenedSession> {
  const { loadKubeConfig } = await import('../../server/kube/kubeconfig.ts')
  const { connect } = await import('../../server/kube/transport.ts')
  try {
    const source = sourceOf(options, env)
    const config = loadKubeConfig(source)
    const cluster = connect(source, quietRecorder)
    const { server = '', caData, caFile } = config.getCurrentCluster() ?? {}
    const ca = await readCa(caData, caFile)
    const context = config.getCurrentContext()
    const namespace = options.namespace ?? null
    return { ok: true, session: { cluster, context, server, ca, namespace, version: '' } }
  } catch (error) {
    const problem = { message: messageOf(error, options, env), exitCode: EXIT.usage }
    return { ok: false, problem, mayHeal: isMissing(error) }
  }
}

/** @throws Error with a message for the user */
export function sourceOf(options: ClusterOptions, env: Context['env']): ClusterSource {
  const { kubeconfig, context, as: user, asGroup: groups = [], requestTimeout } = options
  if (user === undefined && groups.length > 0) throw new Error('--as-group needs --as')
  return {
    env,
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(user !== undefined && { impersonate: { user, groups } }),
    ...(requestTimeout !== undefined && { timeoutMs: requestTimeout }),
  }
}

/** Dozens of CAs. */
const CA_MAX_BYTES = 262_144

/** A node's own answer to a first call takes milliseconds; a wrong address may take for ever. */
const REACH_MS = 5_000

/** As {@link prepareSession}, and asks the API server who it is: that shows whether it answers and takes the credentials. */
export async function openSession(options: ClusterOptions, env: Context['env']): Promise<OpenedSession> {
  const prepared = await prepareSession(options, env)
  if (!prepared.ok) return prepared
  const { cluster, server } = prepared.session
  const answer = await cluster.call({
    method: 'GET',
    path: '/version',
    timeoutMs: options.requestTimeout ?? REACH_MS,
  })
  if (answer.ok)
    return { ok: true, session: { ...prepared.session, version: textAt(answer.object, 'gitVersion') } }
  // Who may not read the version may still read the rest.
  if (answer.status === 403) return prepared
  await cluster.close()
  return { ok: false, problem: problemOf(answer, 'the version', server), mayHeal: true }
}

/** The client reads it, too, and fails if it cannot. */
async function readCa(data: string | undefined, file: string | undefined): Promise<string> {
  if (data !== undefined) return Buffer.from(data, 'base64').toString()
  if (file === undefined) return ''
  const read = await readText(file, CA_MAX_BYTES)
  return read.ok ? read.text : ''
}

/** Why a kubeconfig cannot be used. */
export function messageOf(error: unknown, { kubeconfig }: ClusterOptions, env: Context['env']): string {
  if (!(error instanceof Error)) return String(error)
  const missing = isMissing(error)
  if (missing && kubeconfig === undefined && (env['KUBECONFIG'] ?? '') === '')
    return 'there is no kubeconfig: pass --kubeconfig FILE or set KUBECONFIG'
  return missing ? `${error.message}: there is no such file` : error.message
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}
