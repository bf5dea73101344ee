/** The product under test as users run it: `kubelet-csr-gate serve` in a process of its own. */
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Child, startChild } from '../child.ts'
import type { Cluster } from '../cluster.ts'
import type { Machines } from '../kubelet/machines.ts'
import type { Settings } from '../../../policies/settings.ts'
import { type ConfigSettings, writeConfig } from './config-file.ts'
import { DecisionLog } from './decision-log.ts'
import type { Decided } from './decision-log.ts'
import { freePort } from '../ports.ts'
import { untilReady } from '../ready.ts'
import { servicePermissions } from './service-permissions.ts'

export interface Service extends AsyncDisposable {
  readonly pid: number
  /** To signal it. */
  readonly child: Child
  /** The files that it follows while it serves. */
  readonly files: { readonly config: string; readonly cert: string; readonly key: string }
  /** What its config file has besides the policy. */
  readonly settings: ConfigSettings
  /** The policy that it was started with, as text. */
  readonly policy: string
  /** Replaces the policy in its config file by a text, which may have faults. */
  changePolicy(policy: string): Promise<void>
  /** `https://127.0.0.1:<port>/validate`. */
  readonly webhookUrl: string
  /** `http://127.0.0.1:<port>`: /livez, /readyz, /metrics. */
  readonly metricsUrl: string
  /** Waits for the first decision of a component about a CSR, by its name; of the controller, for the first that is known. */
  decisionOn(csr: string, component: Decided['component']): Promise<Decided>
  /** SIGTERM. */
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  tail(): Promise<string>
}

export interface ServiceOptions {
  readonly webhook?: boolean
  readonly controller?: boolean
  /** The URL by which it reaches the API server; default the cluster's own. */
  readonly server?: string
  /** Whether it shares the controller with others by a Lease. */
  readonly leaderElect?: boolean
  readonly drainSeconds?: number
  /** One that ended: this one takes over its addresses and files, as a container does that is started again. */
  readonly after?: Service
  /** The text of the policy, besides `proof`. */
  readonly policy?: string
  /** Further groups of the config file. */
  readonly config?: ConfigSettings
  /** Default `off`. With another the controller dials what Nodes report: only with machines, or in a network of its own. */
  readonly proof?: Settings['proof']['addresses']
  readonly proofOfNames?: Settings['proof']['names']
  /** Where its dials of kubelets lead. */
  readonly machines?: Machines
  /** Node's arguments up to `serve`; default the sources' own entry. */
  readonly program?: readonly string[]
  /** Variables besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>
  /** A command that becomes the program that it is told. */
  readonly launcher?: readonly string[]
}

/** What it needs of a cluster. */
type ServedCluster = Pick<Cluster, 'url' | 'minor' | 'directory' | 'issue' | 'createServiceAccountKubeconfig'>

const ENTRY = join(import.meta.dirname, '..', '..', '..', 'cli', 'main.ts')
/** With 15,000 Nodes on a busy machine; it takes half a second in an empty cluster. */
const READY_MS = 60_000

let services = 0

/** Starts it with the chart's permissions and a serving certificate by the cluster's CA; resolves when it is ready. */
export async function startService(cluster: ServedCluster, options: ServiceOptions = {}): Promise<Service> {
  const { program = [ENTRY], environment = {}, launcher = [] } = options
  const dialling = options.machines?.dialling ?? { flags: [], environment: {} }
  services += 1
  const base = join(cluster.directory, `service-${services}`)
  const place = placeOf(options.after) ?? (await newPlace(cluster, base, options))
  const logFile = `${base}.log`
  const settings = settingsOf(options, place)
  await writeConfig(place.files.config, settings, place.policy)
  const [path, ...args] = [...launcher, process.execPath, ...dialling.flags, ...program, 'serve']
  const child = startChild({
    name: 'kubelet-csr-gate',
    path,
    args: [...args, ...(await flagsOf(cluster, options, place))],
    logFile,
    environment: { ...process.env, ...dialling.environment, ...environment },
  })
  await untilReady(child, `${place.metricsUrl}/readyz`, READY_MS)
  const log = new DecisionLog(await open(logFile))
  const end = async (stop: () => Promise<void>) => {
    await stop()
    await log.close()
  }
  return {
    pid: child.pid,
    child,
    ...place,
    settings,
    changePolicy: (policy) => writeConfig(place.files.config, settings, policy),
    decisionOn: (csr, component) => log.decisionOn(csr, component),
    stop: () => end(() => child.stop(15_000)),
    kill: () => end(() => child.kill()),
    tail: () => child.tail(),
    [Symbol.asyncDispose]: () => end(() => child.stop(15_000)),
  }
}

type Place = Pick<Service, 'files' | 'policy' | 'webhookUrl' | 'metricsUrl'>

async function flagsOf(
  cluster: ServedCluster,
  { server = cluster.url }: ServiceOptions,
  { files }: Place,
): Promise<readonly string[]> {
  const kubeconfig = await cluster.createServiceAccountKubeconfig(servicePermissions(cluster), server)
  return [`--config=${files.config}`, `--kubeconfig=${kubeconfig}`]
}

function settingsOf(options: ServiceOptions, { files, ...urls }: Place): ConfigSettings {
  const { webhook = true, controller = true, leaderElect = false, drainSeconds = 2 } = options
  const portOf = (url: string) => Number(new URL(url).port)
  return {
    listenAddress: '127.0.0.1',
    webhook: { enabled: webhook, port: portOf(urls.webhookUrl) },
    controller: { enabled: controller },
    leaderElection: { leaderElect },
    metrics: { port: portOf(urls.metricsUrl) },
    tls: { certFile: files.cert, keyFile: files.key },
    ledger: { name: 'kubelet-csr-gate-ledger' },
    drainSeconds,
    ...options.config,
  }
}

function placeOf(service: Service | undefined): Place | undefined {
  if (service === undefined) return undefined
  const { files, policy, webhookUrl, metricsUrl } = service
  return { files, policy, webhookUrl, metricsUrl }
}

/** Addresses and files of its own. */
async function newPlace(
  cluster: ServedCluster,
  base: string,
  { policy = '', proof = 'off', proofOfNames = 'warn' }: ServiceOptions,
): Promise<Place> {
  const files = { config: `${base}.config.yaml`, cert: `${base}.crt`, key: `${base}.key` }
  const tls = await cluster.issue({ commonName: 'kubelet-csr-gate', addresses: ['127.0.0.1'] })
  await writeFile(files.cert, tls.certPem)
  await writeFile(files.key, tls.keyPem, { mode: 0o600 })
  return {
    files,
    policy: `proof: { addresses: ${proof}, names: ${proofOfNames} }\n${policy}`,
    webhookUrl: `https://127.0.0.1:${await freePort()}/validate`,
    metricsUrl: `http://127.0.0.1:${await freePort()}`,
  }
}
