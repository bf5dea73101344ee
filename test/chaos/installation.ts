/** What the chart installs, as processes: two webhooks behind a balancer and two controllers, each behind a door of its own. */
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { LIMIT_BYTES, MemoryGroup } from '../lab/bench/memory-group.ts'
import type { Machines } from '../kit/kubelet/machines.ts'
import { type Service, startService } from '../kit/service/service.ts'
import { shippedProgram } from '../kit/service/shipped.ts'
import { registerWebhook } from '../kit/service/webhook.ts'
import { Balancer } from './balancer.ts'
import { Door } from './door.ts'

export type Component = 'webhook' | 'controller'

/** A pod: a process that is started again, at the same addresses, after it has ended. */
export class Replica implements AsyncDisposable {
  readonly name: string
  readonly component: Component
  readonly door: Door
  #service: Service
  readonly #start: (after?: Service) => Promise<Service>

  private constructor(
    component: Component,
    index: number,
    { door, service, start }: Readonly<{ door: Door; service: Service; start: Replica['restarted'] }>,
  ) {
    this.name = `${component}-${index}`
    this.component = component
    this.door = door
    this.#service = service
    this.#start = start
  }

  static async start(
    cluster: ControlPlane,
    machines: Machines,
    [component, index, group]: readonly [Component, number, MemoryGroup],
  ): Promise<Replica> {
    const door = await Door.open(cluster)
    const program = await shippedProgram()
    const start = async (after?: Service): Promise<Service> =>
      await startService(cluster, {
        ...program,
        webhook: component === 'webhook',
        controller: component === 'controller',
        leaderElect: component === 'controller',
        server: door.url,
        machines,
        proof: 'auto',
        launcher: group.launcher,
        ...(after !== undefined && { after }),
      })
    return new Replica(component, index, { door, service: await start(), start })
  }

  get service(): Service {
    return this.#service
  }

  get restarted(): (after?: Service) => Promise<Service> {
    return this.#start
  }

  /** Ends by the signal, and starts again. */
  async restart(signal: 'SIGKILL' | 'SIGTERM', betweenMs: () => Promise<void>): Promise<void> {
    const before = this.#service
    before.child.signal(signal)
    await before.child.gone
    // Closes its log.
    await before.kill()
    await betweenMs()
    this.#service = await this.#start(before)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service[Symbol.asyncDispose]()
    await this.door[Symbol.asyncDispose]()
  }
}

export interface Installation extends AsyncDisposable {
  /** Registers the webhook, which it is from the start, again. */
  readonly register: () => Promise<void>
  readonly replicas: readonly Replica[]
  readonly balancer: Balancer
}

/** Two replicas of each Deployment, each with the chart's memory limit and the image's flags. Needs root. */
export async function install(cluster: ControlPlane, machines: Machines): Promise<Installation> {
  await using stack = new AsyncDisposableStack()
  const replicas: Replica[] = []
  for (const component of ['webhook', 'controller'] as const)
    for (const index of [0, 1]) {
      const group = stack.use(new MemoryGroup(LIMIT_BYTES))
      replicas.push(stack.use(await Replica.start(cluster, machines, [component, index, group])))
    }
  const webhooks = replicas.filter(({ component }) => component === 'webhook')
  const balancer = stack.use(await Balancer.open(webhooks.map((replica) => () => replica.service)))
  const register = async (): Promise<void> =>
    await registerWebhook(cluster.admin, { url: balancer.url, caPem: cluster.caPem })
  await register()
  const owned = stack.move()
  return { replicas, balancer, register, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
