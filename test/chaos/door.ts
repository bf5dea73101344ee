/** The way from one replica to the API server, which can be made bad: the connection (L4), or the answers (L7). */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from '../kit/cluster.ts'
import { openProxy, type Passing, type Proxy } from '../faults/proxy.ts'

/** How bytes travel. What is held goes on when it is no longer, as TCP sends again what was lost. */
export interface Line {
  readonly up: 'passes' | 'held'
  readonly down: 'passes' | 'held'
  readonly delayMs: number
  /** Bytes of one segment at most; a longer one never arrives, as where a router drops what it cannot forward. */
  readonly longest: number
  /** Bytes a second, 0 for no limit. */
  readonly rate: number
}

export const CLEAR: Line = {
  up: 'passes',
  down: 'passes',
  delayMs: 0,
  longest: Number.POSITIVE_INFINITY,
  rate: 0,
}

/** Answers in the API server's place, or leaves it to the API server and returns false. */
export type Instead = (passing: Passing, response: ServerResponse) => boolean

const HELD_MS = 20

export class Door implements AsyncDisposable {
  readonly proxy: Proxy
  line: Line = CLEAR
  readonly #port: number
  readonly #sockets = new Set<Socket>()
  readonly #forgotten = new WeakSet<Socket>()
  readonly #server = createServer({ allowHalfOpen: false }, (socket) => this.#join(socket))

  private constructor(proxy: Proxy, port: number) {
    this.proxy = proxy
    this.#port = port
  }

  static async open(cluster: Cluster): Promise<Door> {
    const proxy = await openProxy(cluster)
    const door = new Door(proxy, Number(new URL(proxy.url).port))
    door.#server.listen(0, '127.0.0.1')
    await once(door.#server, 'listening')
    return door
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the door is closed')
    return `https://127.0.0.1:${address.port}`
  }

  /** Connections of the replica. */
  get connections(): number {
    return this.#sockets.size / 2
  }

  /** Ends every connection by RST. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** What is connected now is forgotten, as by a NAT that restarts: no byte, no FIN. New connections pass. */
  forget(): void {
    for (const socket of this.#sockets) this.#forgotten.add(socket)
  }

  #join(near: Socket): void {
    const far = connect(this.#port, '127.0.0.1')
    for (const [from, to, way] of [
      [near, far, 'up'],
      [far, near, 'down'],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
      this.#carry(from, to, way).catch(() => to.destroy())
    }
  }

  /** One segment after the other, so that they keep their order. */
  async #carry(from: Socket, to: Socket, way: 'up' | 'down'): Promise<void> {
    for await (const segment of from as AsyncIterable<Buffer>) {
      await this.#travel(segment, way)
      const isLost = this.#forgotten.has(from) || segment.length > this.line.longest
      if (isLost) return void (await once(from, 'close'))
      if (to.writable) to.write(segment)
    }
    to.end()
  }

  async #travel(segment: Buffer, way: 'up' | 'down'): Promise<void> {
    while (this.line[way] === 'held') await sleep(HELD_MS, undefined, { ref: false })
    const { delayMs, rate } = this.line
    const ms = delayMs + (rate === 0 ? 0 : (segment.length / rate) * 1_000)
    if (ms > 0) await sleep(ms, undefined, { ref: false })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.line = CLEAR
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await this.proxy[Symbol.asyncDispose]()
  }
}
