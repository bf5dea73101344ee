/** Every request to the API and every event of a watch in the life of a controller, each with every fault, one at a time. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../kit/cluster.ts'
import { startEmbeddedCluster } from '../embedded/cluster.ts'
import { createCsr, CSRS, metadataOf, standingOf } from '../kit/kubelet/csr.ts'
import { Machines } from '../kit/kubelet/machines.ts'
import { TestNode } from '../kit/kubelet/test-node.ts'
import { isDecision, openProxy, type Proxy } from '../faults/proxy.ts'
import { type Host, joined, type Place } from '../kit/kubelet/host.ts'
import { type Service, startService } from '../kit/service/service.ts'
import { shippedProgram } from '../kit/service/shipped.ts'

const ON_REQUESTS = ['killed before', 'killed after', 'answer lost'] as const
const ON_EVENTS = ['watch cut before', 'event doubled', 'older event after'] as const

interface Point {
  readonly at: 'request' | 'event'
  /** From 0, since the start of the controller. */
  readonly index: number
  readonly fault: (typeof ON_REQUESTS)[number] | (typeof ON_EVENTS)[number]
}

interface Outcome {
  readonly point: Point | null
  /** What was wrong at the end; empty where all was right. */
  readonly wrong: readonly string[]
  /** Whether the fault came about: the order of requests varies a little. */
  readonly cameAbout: boolean
  /** Of this life. */
  readonly requests: number
  readonly events: number
}

export interface PointsOptions {
  /** Each so many-th point. */
  readonly every: number
  readonly lanes: number
  readonly print: (line: string) => void
}

/**
 * A machine that is installed again waits for a minute, and a controller that is killed at its end begins that minute anew; looks
 * and the restart take some seconds each.
 */
const PATIENCE_MS = 2 * 60_000 + 3 * 10_000
const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kubelet-csr-gate/leases/kubelet-csr-gate'
/** Their answers show that the network works. */
const PROVEN = 6
const NEWCOMERS = 6

const PROGRESS_EACH = 50

/** Whether each point ended in the one right state. */
export async function tryPoints({ every, lanes, print }: PointsOptions): Promise<boolean> {
  await using first = await openLane()
  const { requests, events } = await first.live(null)
  const points = pointsOf(requests, events).filter((_point, index) => index % every === 0)
  print(`${requests} requests and ${events} events in one life; ${points.length} points`)
  const left = [...points]
  let [done, wrong, missed] = [0, 0, 0]
  const work = async (lane: Lane): Promise<void> => {
    for (let point = left.shift(); point !== undefined; point = left.shift()) {
      const outcome = await lane.live(point)
      done += 1
      if (done % PROGRESS_EACH === 0) print(`${done} of ${points.length} points tried`)
      if (!outcome.cameAbout) missed += 1
      if (outcome.wrong.length === 0) continue
      wrong += 1
      print(`${point.at} ${point.index}, ${point.fault}: ${outcome.wrong.join('; ')}`)
    }
  }
  await using stack = new AsyncDisposableStack()
  const more = await Promise.all(Array.from({ length: lanes - 1 }, async () => stack.use(await openLane())))
  await Promise.all([first, ...more].map(work))
  print(
    `${points.length - wrong} of ${points.length} points ended in the right state; ${missed} did not come about`,
  )
  return wrong === 0
}

function pointsOf(requests: number, events: number): readonly Point[] {
  const of = (at: Point['at'], count: number, named: readonly Point['fault'][]) =>
    Array.from({ length: count }, (_, index) => named.map((fault): Point => ({ at, index, fault }))).flat()
  return [...of('request', requests, ON_REQUESTS), ...of('event', events, ON_EVENTS)]
}

interface Lane extends AsyncDisposable {
  /** One life of a controller, with a fault at one point. */
  live(point: Point | null): Promise<Outcome>
}

async function openLane(): Promise<Lane> {
  const program = await shippedProgram()
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(await startEmbeddedCluster())
  const machines = stack.use(new Machines(cluster.directory))
  const place: Place = { cluster, machines, patienceMs: PATIENCE_MS }
  let lives = 0
  const owned = stack.move()
  return {
    live: async (point) => {
      lives += 1
      return await new Life({ place, machines, program }, point).run(lives)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

interface Surroundings {
  readonly place: Place
  readonly machines: Machines
  readonly program: Awaited<ReturnType<typeof shippedProgram>>
}

class Life {
  readonly #around: Surroundings
  readonly #point: Point | null
  #requests = 0
  #events = 0
  #cameAbout = false
  #service: Promise<Service> | undefined
  /** Resolves once nobody kills the controller any more. */
  #dying: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(around: Surroundings, point: Point | null) {
    this.#around = around
    this.#point = point
  }

  get #cluster(): Cluster {
    return this.#around.place.cluster
  }

  async run(life: number): Promise<Outcome> {
    await using proxy = await openProxy(this.#cluster)
    this.#breakAt(proxy)
    const wrong: string[] = []
    try {
      this.#service = this.#start(proxy.url)
      await this.#service
      wrong.push(...(await this.#liveBeside(`life-${life}`)))
    } catch (error) {
      wrong.push(error instanceof Error ? error.message : String(error))
    } finally {
      this.#isOver = true
      await this.#dying
      await (await this.#service)?.kill()
      await this.#cluster.adminRequest('DELETE', LEASE)
    }
    const [requests, events, cameAbout] = [this.#requests, this.#events, this.#cameAbout]
    return { point: this.#point, wrong: [...wrong, ...twiceIn(proxy)], cameAbout, requests, events }
  }

  /** Nodes join and renew, are installed and made again, and one asks for another's address. What is wrong at the end. */
  async #liveBeside(prefix: string): Promise<readonly string[]> {
    const { place } = this.#around
    const [victim, ...others] = await joined(place, `${prefix}-proven`, PROVEN)
    const liar = await this.#lie(`${prefix}-liar`, victim?.address ?? '')
    await Promise.all([joined(place, `${prefix}-newcomer`, NEWCOMERS), victim?.renew()])
    const [installed, made, ...renewing] = others
    await Promise.all([
      installed && installedAgain(installed),
      made && madeAgain(made),
      ...renewing.map(async (host) => await host.renew()),
    ])
    return (await this.#isApproved(liar)) ? ['the liar was approved'] : []
  }

  /** One that is killed meanwhile is started again, and finds no Lease in its way. */
  async #start(server: string): Promise<Service> {
    const { machines, program } = this.#around
    const options = { webhook: false, leaderElect: true, proof: 'auto', drainSeconds: 0 } as const
    const start = async (): Promise<Service> =>
      await startService(this.#cluster, {
        ...program,
        ...options,
        server,
        machines,
        launcher: this.#launcher,
      })
    try {
      return await start()
    } catch (error) {
      if (!this.#cameAbout) throw error
      return await start()
    }
  }

  /** The name of its CSR. */
  async #lie(name: string, address: string): Promise<string> {
    const node = await new TestNode(this.#cluster, name, address).join()
    const { body } = await createCsr(node.client, { request: node.request() })
    return metadataOf(body).name
  }

  async #isApproved(csr: string): Promise<boolean> {
    return standingOf((await this.#cluster.adminRequest('GET', `${CSRS}/${csr}`)).body).approved
  }

  #breakAt(proxy: Proxy): void {
    const isHere = (at: Point['at'], index: number, fault: Point['fault']): boolean => {
      const point = this.#point
      const isIt =
        point?.at === at &&
        point.index === index &&
        point.fault === fault &&
        !this.#cameAbout &&
        !this.#isOver
      this.#cameAbout ||= isIt
      return isIt
    }
    proxy.before = async ({ number }) => {
      this.#requests = Math.max(this.#requests, number + 1)
      if (!isHere('request', number, 'killed before')) return undefined
      await (this.#dying = this.#die(proxy.url))
      throw new Error('it never arrives')
    }
    proxy.answering = async ({ number }) => {
      if (isHere('request', number, 'killed after')) await (this.#dying = this.#die(proxy.url))
      return !isHere('request', number, 'answer lost')
    }
    proxy.event = (line, last) => {
      const index = this.#events
      this.#events += 1
      if (isHere('event', index, 'watch cut before')) return null
      if (isHere('event', index, 'event doubled')) return [line, line]
      return last !== '' && isHere('event', index, 'older event after') ? [line, last] : [line]
    }
  }

  get #pidFile(): string {
    return join(this.#cluster.directory, 'controller.pid')
  }

  /** Leaves its pid behind, since it may be killed while it starts. */
  get #launcher(): readonly string[] {
    return ['/bin/sh', '-c', 'echo $$ > "$0"; exec "$@"', this.#pidFile]
  }

  /** SIGKILL. While it starts, {@link #start} starts it again. */
  async #die(server: string): Promise<void> {
    const pid = Number(await readFile(this.#pidFile, 'utf8'))
    process.kill(pid, 'SIGKILL')
    await this.#cluster.adminRequest('DELETE', LEASE)
    this.#service = this.#service?.then(async (started) => {
      if (started.pid !== pid) return started
      await started.kill()
      return await this.#start(server)
    })
  }
}

/** A new disk: the same name and address, and neither Node nor certificate. */
async function installedAgain(host: Host): Promise<void> {
  await host.off()
  await host.deleteNode()
  await host.join()
}

/** Its Node is deleted, and its kubelet registers again. */
async function madeAgain(host: Host): Promise<void> {
  await host.deleteNode()
  await host.register()
  await host.renew()
}

function twiceIn({ seen }: Proxy): readonly string[] {
  const urls = seen.filter((one) => isDecision(one) && one.status === 200).map(({ url }) => url)
  return urls.filter((url, index) => urls.indexOf(url) !== index).map((url) => `${url} was decided twice`)
}
