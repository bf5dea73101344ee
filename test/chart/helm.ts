import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import type { JsonObject } from '../../server/ports.ts'
import { resolveBinaries } from '../binaries/resolve.ts'

export const CHART = join(import.meta.dirname, '..', '..', 'charts', 'kubelet-csr-gate')
export const NAMESPACE = 'example-system'
export const RELEASE = 'example'
/** Name of the objects of the release, and of the workload with the webhook. */
export const FULLNAME = 'example-kubelet-csr-gate'
/** Name of the workload that runs the controller alone, and of the account of every pod that runs the controller. */
export const CONTROLLER = `${FULLNAME}-controller`
/** Name of the account of pods that run the webhook alone. */
export const WEBHOOK = `${FULLNAME}-webhook`

const REGISTRY = 'registry.example.com'

/** The name of an object of the release outside its namespace. */
export const outside = (name: string): string => `${name}.${NAMESPACE}`

/** Helm 4, or Helm 3. */
export type Helm = 'helm' | 'helm3'

export interface Outcome {
  readonly ok: boolean
  /** Standard output, then standard error. */
  readonly output: string
  readonly stdout: string
  /** Includes warnings of the API server. */
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

/** Runs Helm with its own home directory: plugins and repositories of this machine have no effect. */
export async function helm(args: readonly string[], options: HelmOptions = {}): Promise<Outcome> {
  const { values, kubeconfig = '/dev/null', program = 'helm' } = options
  const path = await find(program)
  const home = join(tmpdir(), `kubelet-csr-gate-${program}`)
  const env = {
    PATH: process.env['PATH'],
    // the Kubernetes client keeps its discovery cache below it
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
    child.stdin?.on('error', () => undefined) // Helm may end without reading its input: what it prints tells why
    child.stdin?.end(JSON.stringify(values ?? {}))
  })
}

const found = new Map<Helm, Promise<string>>()

function find(program: Helm): Promise<string> {
  const known = found.get(program) ?? resolveBinaries([program]).then((pathOf) => pathOf(program))
  found.set(program, known)
  return known
}

/** The objects that the chart renders. Rejects with the message of Helm when it refuses. */
export async function render(
  values: object = {},
  ...args: readonly string[]
): Promise<readonly JsonObject[]> {
  return objectsOf(await template(values, ...args))
}

/** The objects in the output of `helm template` or `helm get manifest`. */
export function objectsOf({ ok, output, stdout }: Outcome): readonly JsonObject[] {
  if (!ok) throw new Error(output)
  return parseAllDocuments(stdout).flatMap((document) => document.toJS() ?? [])
}

export function template(values: object, ...args: readonly string[]): Promise<Outcome> {
  return helm(['template', RELEASE, CHART, '--namespace', NAMESPACE, ...args], { values: withImage(values) })
}

/** Values with a registry, without which the chart renders nothing. */
export function withImage(values: object): object {
  return { ...values, image: { registry: REGISTRY, ...Object(Reflect.get(values, 'image')) } }
}

/** A profile: example values of the chart, `profiles/<name>.yaml`. */
export interface Profile {
  readonly name: string
  readonly file: string
  readonly values: Readonly<Record<string, unknown>>
}

export async function allProfiles(): Promise<readonly Profile[]> {
  const files = (await readdir(join(CHART, 'profiles'))).toSorted()
  return Promise.all(
    files.map(async (file) => ({
      name: file.replace(/\.yaml$/, ''),
      file,
      values: parse(await readFile(join(CHART, 'profiles', file), 'utf8')),
    })),
  )
}
