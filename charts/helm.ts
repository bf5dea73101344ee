import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { JsonObject } from '../server/ports.ts'
import { resolveBinaries } from '../test/cluster/binaries/resolve.ts'

export const CHART = join(import.meta.dirname, 'kubelet-csr-gate')
export const NAMESPACE = 'gate-system'
export const RELEASE = 'gate'
/** What the release's objects are called. */
export const FULLNAME = 'gate-kubelet-csr-gate'

export interface Outcome {
  readonly ok: boolean
  /** Standard output, then standard error. */
  readonly output: string
}

export interface HelmOptions {
  /** Values, as a file would hold them. */
  readonly values?: object
  readonly kubeconfig?: string
}

const HELM_MS = 120_000
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024

/** Runs Helm with a home of its own, so that no plugin or repository of the machine matters. */
export async function helm(args: readonly string[], options: HelmOptions = {}): Promise<Outcome> {
  const program = await (helmProgram ??= findHelm())
  const { values, kubeconfig = '/dev/null' } = options
  const home = join(tmpdir(), 'kubelet-csr-gate-helm')
  const env = {
    PATH: process.env['PATH'],
    // The Kubernetes client caches what it discovers under it.
    HOME: home,
    KUBECONFIG: kubeconfig,
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
  }
  const limits = { env, timeout: HELM_MS, maxBuffer: MAX_OUTPUT_BYTES }
  const withValues = values === undefined ? args : [...args, '--values', '-']
  return await new Promise((resolve) => {
    const child = execFile(program, withValues, limits, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: stdout + stderr }),
    )
    child.stdin?.end(JSON.stringify(values ?? {}))
  })
}

let helmProgram: Promise<string> | undefined

async function findHelm(): Promise<string> {
  return (await resolveBinaries(['helm']))('helm')
}

/** The objects that the chart renders; rejects with Helm's words when it refuses. */
export async function render(
  values: object = {},
  ...args: readonly string[]
): Promise<readonly JsonObject[]> {
  const { ok, output } = await template(values, ...args)
  if (!ok) throw new Error(output)
  return parseAllDocuments(output).flatMap((document) => document.toJS() ?? [])
}

export function template(values: object, ...args: readonly string[]): Promise<Outcome> {
  return helm(['template', RELEASE, CHART, '--namespace', NAMESPACE, ...args], { values })
}
