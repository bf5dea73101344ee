/** The cluster whose dashboard is looked at: two pods behind a Service, their webhook, and a Prometheus. */
import { createFleet, type Member } from '../../lab/bench/fleet.ts'
import { freePort } from '../../kit/ports.ts'
import { type Service, startService } from '../../kit/service/service.ts'
import { type Registration, registerWebhook } from '../../kit/service/webhook.ts'
import { setUp, type Setup } from '../../scenarios/cluster.ts'
import { startTurnstile } from '../standing-webhook.ts'
import { type Scraper, startScraper } from './scraper.ts'

interface Pod {
  readonly name: string
  readonly service: Service
  /** Kills it, as a node without memory does. */
  kill(): Promise<void>
  /** Starts it again, as its node's kubelet does. */
  start(): Promise<void>
}

export interface Scene extends AsyncDisposable {
  readonly stage: Setup
  /** The first one leads. */
  readonly pods: readonly [Pod, Pod]
  readonly registration: Registration
  readonly scraper: Scraper
  /** Nodes that have yet to ask. */
  readonly rack: readonly Member[]
}

/** Enough that the API server can be killed while they ask, and that some wait for their turn. */
const RACK = 300

export async function openScene(scrapeSeconds: number): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const stage = stack.use(await setUp())
  const { cluster } = stage
  const pods = [
    stack.use(await openPod(stage, 'webhook-0')),
    stack.use(await openPod(stage, 'webhook-1')),
  ] as const
  const port = await freePort()
  const turnstile = await startTurnstile(
    port,
    pods.map(({ service }) => Number(new URL(service.webhookUrl).port)),
  )
  stack.defer(() => void turnstile.close())
  const registration = { url: `https://127.0.0.1:${port}/validate`, caPem: cluster.caPem }
  await registerWebhook(cluster.admin, registration)
  const scraped = pods.map(({ name, service: { metricsUrl } }) => ({ pod: name, metricsUrl }))
  const scraper = stack.use(await startScraper(cluster, scraped, scrapeSeconds))
  const rack = await createFleet(cluster, RACK)
  const owned = stack.move()
  return { stage, pods, registration, scraper, rack, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function openPod({ cluster }: Setup, name: string): Promise<Pod & AsyncDisposable> {
  let service = await startService(cluster, { leaderElect: true })
  return {
    name,
    get service() {
      return service
    },
    kill: () => service.kill(),
    start: async () => {
      service = await startService(cluster, { leaderElect: true, after: service })
    },
    [Symbol.asyncDispose]: () => service.stop(),
  }
}
