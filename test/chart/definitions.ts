import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { moduleFolder } from '../binaries/modules.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { until } from '../kit/until.ts'
import { listOf, nameOf } from './objects.ts'

/** CRDs of another project, in a pinned Go module. */
interface Source {
  readonly toolchain: string
  readonly module: string
  readonly folder: string
  readonly names: readonly string[]
}

/** Of the kinds that the chart renders. */
const sources: readonly Source[] = [
  {
    toolchain: 'cert-manager',
    module: 'github.com/cert-manager/cert-manager',
    folder: 'deploy/crds',
    names: ['cert-manager.io_certificates.yaml', 'cert-manager.io_issuers.yaml'],
  },
  {
    toolchain: 'prometheus-operator',
    module: 'github.com/prometheus-operator/prometheus-operator',
    folder: 'example/prometheus-operator-crd',
    names: ['podmonitors', 'servicemonitors', 'prometheusrules'].map(
      (kind) => `monitoring.coreos.com_${kind}.yaml`,
    ),
  },
]
const clusterApi: Source = {
  toolchain: 'cluster-api',
  module: 'sigs.k8s.io/cluster-api',
  folder: 'core/config/crd/bases',
  names: ['addons.cluster.x-k8s.io_clusterresourcesets.yaml'],
}
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const ESTABLISHED_MS = 30_000

/** Why the CRDs cannot be fetched here, or false. In CI the tests fail without Go. */
export async function definitionsMissing(): Promise<string | false> {
  const hasGo = await promisify(execFile)('go', ['version']).then(
    () => true,
    () => false,
  )
  if (hasGo || process.env['CI'] === 'true') return false
  return 'NOT PROVEN: Go is missing, which fetches the definitions of other projects'
}

/** Installs the CRDs of cert-manager and of the Prometheus operator. */
export async function installDefinitions(cluster: ControlPlane): Promise<void> {
  for (const source of sources) await installFrom(cluster, source)
}

/** Installs the CRD of ClusterResourceSets. */
export function installClusterApiDefinitions(cluster: ControlPlane): Promise<void> {
  return installFrom(cluster, clusterApi)
}

async function installFrom(
  cluster: ControlPlane,
  { toolchain, module, folder, names }: Source,
): Promise<void> {
  const path = join(await moduleFolder(toolchain, module), folder)
  for (const name of names) await installDefinition(cluster, parse(await readFile(join(path, name), 'utf8')))
}

/** Creates a CRD. Resolves when the API server serves its kind. */
export async function installDefinition(cluster: ControlPlane, definition: JsonObject): Promise<void> {
  const { status, body } = await cluster.adminRequest('POST', DEFINITIONS, definition)
  if (status !== 201) throw new Error(`a definition is refused: ${status} ${textAt(body, 'message')}`)
  const path = `${DEFINITIONS}/${nameOf(definition)}`
  const look = async () => isEstablished((await cluster.adminRequest('GET', path)).body)
  await until(look, `${path} is served`, ESTABLISHED_MS, 100)
}

function isEstablished(definition: JsonObject): boolean {
  const conditions = listOf(objectAt(definition, 'status')['conditions'])
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True')
}
