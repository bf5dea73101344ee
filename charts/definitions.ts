import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { objectAt, textAt } from '../server/json.ts'
import type { JsonObject } from '../server/ports.ts'
import type { ControlPlane } from '../test/cluster/control-plane.ts'

/** Which files of which pinned Go module define the kinds of others that the chart renders. */
const files = {
  'github.com/cert-manager/cert-manager': {
    folder: 'deploy/crds',
    names: ['cert-manager.io_certificates.yaml', 'cert-manager.io_issuers.yaml'],
  },
  'github.com/prometheus-operator/prometheus-operator': {
    folder: 'example/prometheus-operator-crd',
    names: ['podmonitors', 'servicemonitors', 'prometheusrules'].map(
      (kind) => `monitoring.coreos.com_${kind}.yaml`,
    ),
  },
} as const
const MODULES = join(import.meta.dirname, '..', 'test', 'cluster', 'toolchain', 'definitions')
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
/** Two archives of a few MB, when they are not in Go's cache. */
const DOWNLOAD_MS = 300_000
const ESTABLISHED_MS = 30_000

/** Why the definitions cannot be had here, or false. CI has Go; without it there the tests fail. */
export async function definitionsMissing(): Promise<string | false> {
  const hasGo = await promisify(execFile)('go', ['version']).then(
    () => true,
    () => false,
  )
  if (hasGo || process.env['CI'] === 'true') return false
  return 'NOT PROVEN: Go is missing, which fetches the definitions of cert-manager and the Prometheus operator'
}

/** Makes a cluster know the kinds of cert-manager and of the Prometheus operator, as their releases define them. */
export async function installDefinitions(cluster: ControlPlane): Promise<void> {
  const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', ...Object.keys(files)], {
    cwd: MODULES,
    timeout: DOWNLOAD_MS,
  })
  for (const { Path, Dir } of modulesOf(stdout)) {
    const { folder, names } = files[Path]
    for (const name of names) await install(cluster, parse(await readFile(join(Dir, folder, name), 'utf8')))
  }
}

interface Module {
  readonly Path: keyof typeof files
  readonly Dir: string
}

/** Go prints one object after the other, each over several lines. */
function modulesOf(printed: string): readonly Module[] {
  return JSON.parse(`[${printed.replaceAll(/^\}\n(?=\{)/gm, '},')}]`)
}

async function install(cluster: ControlPlane, definition: JsonObject): Promise<void> {
  const { status, body } = await cluster.adminRequest('POST', DEFINITIONS, definition)
  if (status !== 201) throw new Error(`a definition is refused: ${status} ${textAt(body, 'message')}`)
  const path = `${DEFINITIONS}/${textAt(objectAt(definition, 'metadata'), 'name')}`
  const deadline = performance.now() + ESTABLISHED_MS
  while (!isEstablished((await cluster.adminRequest('GET', path)).body)) {
    if (performance.now() > deadline) throw new Error(`${path} is not served`)
    await sleep(100)
  }
}

function isEstablished(definition: JsonObject): boolean {
  const { conditions = [] } = objectAt(definition, 'status')
  return (
    Array.isArray(conditions) &&
    conditions.some((one) => objectAt(one)['type'] === 'Established' && objectAt(one)['status'] === 'True')
  )
}
