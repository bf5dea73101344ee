/** Pods of the chart as processes of this machine: same arguments, same account, but with files and ports of their own. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { type Child, startChild } from '../kit/child.ts'
import { freePort } from '../kit/ports.ts'
import { until } from '../kit/until.ts'
import { containerOf, listOf, nameOf, podSpecOf, textsOf } from './objects.ts'
import { podKubeconfig } from './pod-account.ts'

export interface Pod extends AsyncDisposable {
  readonly name: string
  readonly account: string
  readonly child: Child
  /** `http://127.0.0.1:<port>`: /livez, /readyz, /metrics. */
  readonly metricsUrl: string
}

const ENTRY = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const MOUNTS = '/etc/kubelet-csr-gate'
const LOOPBACK = '127.0.0.1'
/** A Secret is filled by other pods or by cert-manager, which may have to start first. */
const MOUNTED_WITHIN_MS = 60_000

let pods = 0

/** Starts the container of a rendered workload once its volumes can be mounted. Its webhook keeps a port on loopback. */
export async function startPod(cluster: ControlPlane, workload: JsonObject): Promise<Pod> {
  const name = `${nameOf(workload)}-${++pods}`
  const account = textAt(podSpecOf(workload), 'serviceAccountName')
  const folder = join(cluster.directory, name)
  const metrics = await freePort()
  await mountVolumes(cluster, workload, folder)
  await ownPorts(folder, metrics)
  const kubeconfig = await podKubeconfig(cluster, account, namespaceOf(workload))
  const args = textsOf(containerOf(workload), 'args').map((arg) => arg.replace(MOUNTS, folder))
  const child = startChild({
    name,
    path: process.execPath,
    args: [ENTRY, ...args, `--kubeconfig=${kubeconfig}`],
    logFile: join(cluster.directory, `${name}.log`),
    environment: { ...process.env, POD_NAME: name },
  })
  return {
    name,
    account,
    child,
    metricsUrl: `http://127.0.0.1:${metrics}`,
    [Symbol.asyncDispose]: () => child.stop(),
  }
}

/** Files are in the folder of the pod, and so that several pods fit on one machine, it listens on ports of its own, on loopback. */
async function ownPorts(folder: string, metrics: number): Promise<void> {
  const path = join(folder, 'config', 'config.yaml')
  const config = parseDocument((await readFile(path, 'utf8')).replaceAll(MOUNTS, folder))
  if (config.get('listenAddress') !== LOOPBACK) config.setIn(['webhook', 'port'], await freePort())
  config.set('listenAddress', LOOPBACK)
  config.setIn(['metrics', 'port'], metrics)
  for (const file of ['certFile', 'keyFile'])
    config.setIn(['tls', file], join(folder, 'tls', file === 'certFile' ? 'tls.crt' : 'tls.key'))
  await writeFile(path, config.toString())
}

/** As a kubelet mounts ConfigMaps and Secrets: once the keys are there that the volume names. */
async function mountVolumes(cluster: ControlPlane, workload: JsonObject, folder: string): Promise<void> {
  const mounts = listOf(containerOf(workload)['volumeMounts'])
  for (const volume of listOf(podSpecOf(workload)['volumes'])) {
    const mount = mounts.find(({ name }) => name === volume['name']) ?? {}
    const path = textAt(mount, 'mountPath')
    if (!path.startsWith(MOUNTS)) continue
    const source = { volume, namespace: namespaceOf(workload) }
    await mountVolume(cluster, source, path.replace(MOUNTS, folder))
  }
}

interface Volume {
  readonly volume: JsonObject
  readonly namespace: string
}

async function mountVolume(
  cluster: ControlPlane,
  { volume, namespace }: Volume,
  path: string,
): Promise<void> {
  const { configMap, secret } = volume
  const source = objectAt(configMap ?? secret)
  const name = textAt(source, configMap === undefined ? 'secretName' : 'name')
  const kind = configMap === undefined ? 'secrets' : 'configmaps'
  const keys = listOf(source['items']).map((item) => textAt(item, 'key'))
  const look = async (): Promise<JsonObject | false> => {
    const { body } = await cluster.adminRequest('GET', `/api/v1/namespaces/${namespace}/${kind}/${name}`)
    const stored = objectAt(body, 'data')
    return Object.keys(stored).length > 0 && keys.every((key) => textAt(stored, key) !== '') && stored
  }
  const stored = await until(look, `${kind}/${name} is filled`, MOUNTED_WITHIN_MS, 100)
  await mkdir(path, { recursive: true })
  for (const key of keys.length > 0 ? keys : Object.keys(stored))
    await writeFile(
      join(path, key),
      kind === 'secrets' ? Buffer.from(textAt(stored, key), 'base64') : textAt(stored, key),
    )
}

function namespaceOf(workload: JsonObject): string {
  return textAt(objectAt(workload, 'metadata'), 'namespace')
}
