import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { moduleFolder } from '../binaries/modules.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'

/** Which files of which pinned Go module define the kinds of others that the chart renders. */
const sources = [
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
] as const
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
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
  for (const { toolchain, module, folder, names } of sources) {
    const path = join(await moduleFolder(toolchain, module), folder)
    for (const name of names) await install(cluster, parse(await readFile(join(path, name), 'utf8')))
  }
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
