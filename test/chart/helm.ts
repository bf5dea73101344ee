import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { JsonObject } from '../../server/ports.ts'
import { resolveBinaries } from '../binaries/resolve.ts'

export const CHART = join(import.meta.dirname, '..', '..', 'charts', 'kubelet-csr-gate')
export const NAMESPACE = 'webhook-system'
export const RELEASE = 'webhook'
/** What the release's objects are called. */
export const FULLNAME = 'webhook-kubelet-csr-gate'

/** Helm 4, and Helm 3 where that is what is tried. */
export type Helm = 'helm' | 'helm3'

export interface Outcome {
  readonly ok: boolean
  /** Standard output, then standard error. */
  readonly output: string
  readonly stdout: string
  /** Warnings of the API server are there, too. */
  readonly stderr: string
}

export interface HelmOptions {
  /** Values, as a file would hold them. */
  readonly values?: object
  readonly kubeconfig?: string
  readonly program?: Helm
}

const HELM_MS = 120_000
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024

/** Runs Helm with a home of its own, so that no plugin or repository of the machine matters. */
export async function helm(args: readonly string[], options: HelmOptions = {}): Promise<Outcome> {
  const { values, kubeconfig = '/dev/null', program = 'helm' } = options
  const path = await find(program)
  const home = join(tmpdir(), `kubelet-csr-gate-${program}`)
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
    const child = execFile(path, withValues, limits, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: stdout + stderr, stdout, stderr }),
    )
    child.stdin?.end(JSON.stringify(values ?? {}))
  })
}

const found = new Map<Helm, Promise<string>>()

function find(program: Helm): Promise<string> {
  const known = found.get(program) ?? resolveBinaries([program]).then((pathOf) => pathOf(program))
  found.set(program, known)
  return known
}

/** The objects that the chart renders; rejects with Helm's words when it refuses. */
export async function render(
  values: object = {},
  ...args: readonly string[]
): Promise<readonly JsonObject[]> {
  return objectsOf(await template(values, ...args))
}

/** What `helm template` or `helm get manifest` printed. */
export function objectsOf({ ok, output, stdout }: Outcome): readonly JsonObject[] {
  if (!ok) throw new Error(output)
  return parseAllDocuments(stdout).flatMap((document) => document.toJS() ?? [])
}

export function template(values: object, ...args: readonly string[]): Promise<Outcome> {
  return helm(['template', RELEASE, CHART, '--namespace', NAMESPACE, ...args], { values })
}
