/** The approvers that are measured, each as its chart runs it, with the memory limit of ours. */
import { type Service, type ServiceOptions, startService } from '../../kit/service/service.ts'
import { registerWebhook, unregisterWebhook } from '../../kit/service/webhook.ts'
import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { approverFrom } from '../../suite/score/approver.ts'
import { lenientPostfinance } from '../../suite/score/approvers.ts'
import { obtainProgram } from '../../suite/score/program.ts'
import { LIMIT_BYTES, MemoryGroup } from './memory-group.ts'
import { cpuMilliseconds } from './process.ts'
import { shippedProgram } from '../../kit/service/shipped.ts'

/** By title, in the order of the table. */
export type Figures = Readonly<Record<string, number>>

export const OURS = 'kubelet-csr-gate'

/** Of a pod. */
interface Container {
  readonly name: string
  readonly pid: number
  readonly group: MemoryGroup
}

/** One that works. */
export interface Installed extends AsyncDisposable {
  /** One of each of its Deployments; none where it runs in this process. */
  readonly containers: readonly Container[]
}

export interface Approver {
  readonly name: string
  /** Resolves when it works. */
  start(cluster: ControlPlane): Promise<Installed>
}

export interface InstalledOurs extends Installed {
  readonly controller: Service
  readonly controllerGroup: MemoryGroup
}

/** Both Deployments of the topology `split`, one pod each, and the webhook registered. */
export async function startOurs(
  cluster: ControlPlane,
  told: Pick<ServiceOptions, 'policy'> = {},
): Promise<InstalledOurs> {
  await using stack = new AsyncDisposableStack()
  const groups = { webhook: stack.use(newGroup()), controller: stack.use(newGroup()) }
  const common = { proof: 'warn', ...told, ...(await shippedProgram()) } as const
  const started = await Promise.all([
    startService(cluster, { ...common, controller: false, launcher: groups.webhook.launcher }),
    startService(cluster, {
      ...common,
      webhook: false,
      leaderElect: true,
      launcher: groups.controller.launcher,
    }),
  ])
  const [webhook, controller] = started
  for (const service of started) stack.use(service)
  await registerWebhook(cluster.admin, { url: webhook.webhookUrl, caPem: cluster.caPem })
  stack.defer(async () => await unregisterWebhook(cluster.admin))
  const owned = stack.move()
  return {
    controller,
    controllerGroup: groups.controller,
    containers: [
      { name: 'webhook', pid: webhook.pid, group: groups.webhook },
      { name: 'controller', pid: controller.pid, group: groups.controller },
    ],
    [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
  }
}

export const ours: Approver = { name: OURS, start: async (cluster) => await startOurs(cluster) }

/** One process; its chart gives it no webhook. Built from Go modules where it is neither on PATH nor in the cache. */
export async function postfinance(): Promise<Approver> {
  const program = await obtainProgram('kubelet-csr-approver')
  const contender = await approverFrom(lenientPostfinance, program)
  return {
    name: `${contender.name} ${program.version}`,
    start: async (cluster) => {
      await using stack = new AsyncDisposableStack()
      const group = stack.use(newGroup())
      const { pid } = stack.use(await contender.start(cluster, group.launcher))
      const owned = stack.move()
      return {
        containers: [{ name: contender.name, pid, group }],
        [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
      }
    },
  }
}

/** What they spend from now on, for each CSR. */
export function startCounting({ containers }: Installed): (title: string, csrs: number) => Figures {
  const before = new Map(containers.map(({ pid }) => [pid, cpuMilliseconds(pid)]))
  return (title, csrs) =>
    figuresOf(containers, title, ({ pid }) => (cpuMilliseconds(pid) - (before.get(pid) ?? 0)) / csrs)
}

export function workingSets({ containers }: Installed, title: string): Figures {
  return figuresOf(containers, title, ({ group }) => group.workingSet())
}

/** The sum, and of several containers also what each has. */
function figuresOf(
  containers: readonly Container[],
  title: string,
  of: (container: Container) => number,
): Figures {
  const each = containers.map((container) => [`${title}, ${container.name}`, of(container)] as const)
  if (each.length === 0) return {}
  const sum = each.reduce((total, [, figure]) => total + figure, 0)
  return { [title]: sum, ...(each.length > 1 ? Object.fromEntries(each) : {}) }
}

function newGroup(): MemoryGroup {
  return new MemoryGroup(LIMIT_BYTES)
}
