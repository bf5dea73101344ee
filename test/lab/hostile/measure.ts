/** One row after another on one control plane, each with processes of its own. */
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { registerWebhook, type Registration, unregisterWebhook } from '../../kit/service/webhook.ts'
import { runAttacker } from './run-attacker.ts'
import { type HostileCluster, startHostileCluster } from './hostile-cluster.ts'
import type { HostileInput, Targets } from './input.ts'
import { type Joined, joinOverTime, prepareKubelets } from './joins.ts'
import type { ServiceOptions } from '../../kit/service/service.ts'
import { startProbing, untilLive } from './liveness.ts'
import type { Row } from './row.ts'
import { startWatched, type WatchedService } from './watched-service.ts'

export interface MeasureOptions {
  readonly inputs: readonly HostileInput[]
  readonly seconds: number
  readonly kubelets: number
  readonly failurePolicy: NonNullable<Registration['failurePolicy']>
  /** Other than `off` only in a network of its own. */
  readonly proof: NonNullable<ServiceOptions['proof']>
  /** Told of each row as soon as it is there; the first is that of nothing hostile. */
  readonly onRow: (row: Row) => void
}

/** Kubelets that join before, so that no figure has code in it that runs for the first time. */
const WARM_UP = { count: 20, subnet: 70 }
const WARM_UP_SECONDS = 2
/** The second octet of the addresses of those that are measured. */
const MEASURED_SUBNET = 60

export async function measureInputs(options: MeasureOptions): Promise<void> {
  await using hostile = await startHostileCluster()
  let before: Processes | undefined
  for (const [index, input] of [null, ...options.inputs].entries()) {
    await hostile.reset()
    await using processes = await startProcesses(hostile.cluster, options, before)
    before = processes
    await using _registration = await register(hostile.cluster, processes, input, options)
    options.onRow(await measureRow({ hostile, processes, input, index }, options))
  }
}

interface Processes extends AsyncDisposable {
  readonly webhook: WatchedService
  readonly controller: WatchedService
}

/** As the chart's two Deployments; at the addresses of those before, if there were any. */
async function startProcesses(
  cluster: ControlPlane,
  { proof }: MeasureOptions,
  before?: Processes,
): Promise<Processes> {
  await using stack = new AsyncDisposableStack()
  const after = (service?: WatchedService) => (service === undefined ? {} : { after: service.current })
  // Nobody else serves to whom callers could go meanwhile.
  const options = { drainSeconds: 0, proof }
  const webhook = stack.use(
    await startWatched(cluster, 'webhook', { ...options, controller: false, ...after(before?.webhook) }),
  )
  const controller = stack.use(
    await startWatched(cluster, 'controller', { ...options, webhook: false, ...after(before?.controller) }),
  )
  const owned = stack.move()
  return { webhook, controller, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** For as long as the row lasts, unless its input wants none. */
async function register(
  { admin, caPem }: ControlPlane,
  { webhook }: Processes,
  input: HostileInput | null,
  { failurePolicy }: MeasureOptions,
): Promise<AsyncDisposable> {
  if (input?.unregistered) return { [Symbol.asyncDispose]: async () => undefined }
  await registerWebhook(admin, { url: webhook.current.webhookUrl, caPem, failurePolicy })
  return { [Symbol.asyncDispose]: () => unregisterWebhook(admin) }
}

interface Place {
  readonly hostile: HostileCluster
  readonly processes: Processes
  /** Null for the quiet figures. */
  readonly input: HostileInput | null
  readonly index: number
}

async function measureRow(
  { hostile: { cluster, holdings }, processes, input, index }: Place,
  { seconds, kubelets }: MeasureOptions,
): Promise<Row> {
  const { webhook, controller } = processes
  const warmUp = {
    count: WARM_UP.count,
    prefix: `warming-${index}`,
    subnet: [WARM_UP.subnet, index],
  } as const
  await join(cluster, warmUp, WARM_UP_SECONDS)
  const probeUrls = [webhook, controller].map(({ current }) => current.metricsUrl)
  const targets: Targets = {
    ...holdings,
    webhookPort: portOf(webhook.current.webhookUrl),
    probePorts: probeUrls.map(portOf),
  }
  const probing = startProbing(probeUrls)
  const measured = { count: kubelets, prefix: `joining-${index}`, subnet: [MEASURED_SUBNET, index] } as const
  const [honest, outcomes] = await Promise.all([
    join(cluster, measured, seconds),
    input === null ? {} : runAttacker(cluster, input, targets, seconds),
  ])
  const probes = await probing.stop()
  await untilLive(probeUrls)
  return {
    name: input?.name ?? 'quiet',
    against: input?.against ?? null,
    memory: { webhook: webhook.peak, controller: controller.peak },
    probes,
    honest,
    ends: [...webhook.ends, ...controller.ends],
    outcomes,
  }
}

async function join(
  cluster: ControlPlane,
  which: Parameters<typeof prepareKubelets>[1],
  seconds: number,
): Promise<Joined> {
  using kubelets = await prepareKubelets(cluster, which)
  return await joinOverTime(cluster, kubelets.all, seconds)
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}
