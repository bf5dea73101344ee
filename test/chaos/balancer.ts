import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setInterval as ticks } from 'node:timers/promises'
import type { Service } from '../kit/service/service.ts'

type Backend = () => Pick<Service, 'webhookUrl' | 'metricsUrl'>

/** As the kubelet's readiness probe, but more often, so that a short run sees many changes. */
const PROBED_MS = 500
const PROBE_MS = 1_000

/** A Service of Kubernetes: new connections go to the replicas whose /readyz answers 200, in turns. */
export class Balancer implements AsyncDisposable {
  readonly #backends: readonly Backend[]
  readonly #ready = new Set<Backend>()
  readonly #sockets = new Set<Socket>()
  readonly #ending = new AbortController()
  readonly #server = createServer((socket) => this.#join(socket))
  #turn = 0

  private constructor(backends: readonly Backend[]) {
    this.#backends = backends
  }

  static async open(backends: readonly Backend[]): Promise<Balancer> {
    const balancer = new Balancer(backends)
    balancer.#server.listen(0, '127.0.0.1')
    await once(balancer.#server, 'listening')
    await balancer.#probeAll()
    void balancer.#keepProbing()
    return balancer
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the balancer is closed')
    return `https://127.0.0.1:${address.port}/validate`
  }

  #join(near: Socket): void {
    const ready = [...this.#ready]
    this.#turn += 1
    const backend = ready[this.#turn % Math.max(ready.length, 1)]
    if (backend === undefined) return void near.resetAndDestroy()
    const far = connect(Number(new URL(backend().webhookUrl).port), '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.end()
      })
      from.pipe(to)
    }
  }

  async #keepProbing(): Promise<void> {
    try {
      for await (const _tick of ticks(PROBED_MS, undefined, { signal: this.#ending.signal }))
        await this.#probeAll()
    } catch (error) {
      if (!this.#ending.signal.aborted) throw error
    }
  }

  async #probeAll(): Promise<void> {
    await Promise.all(
      this.#backends.map(async (backend) => {
        const isReady = await answers(`${backend().metricsUrl}/readyz`)
        if (isReady) this.#ready.add(backend)
        else this.#ready.delete(backend)
      }),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(PROBE_MS) })).ok
  } catch {
    return false
  }
}
