/** The same few events again and again, each at another phase: how long a takeover takes, and what a restart costs who asks. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createCsr } from '../kit/kubelet/csr.ts'
import { Host, nextAddress, type Place } from '../kit/kubelet/host.ts'
import { TestNode, untilAll } from '../kit/kubelet/test-node.ts'
import type { Random } from '../kit/random.ts'
import { changeWebhook } from '../kit/service/webhook.ts'
import type { Stage } from './faults.ts'
import type { Replica } from './installation.ts'
import { type Befell, lineOf } from './storm.ts'
import { kept, leaderOf, type Promised, slowest } from './truth.ts'

export interface AgainOptions {
  readonly times: number
  readonly random: Random
  readonly print: (line: string) => void
}

export interface Again {
  readonly promises: readonly Promised[]
  readonly befell: readonly Befell[]
  /** Milliseconds of each honest kubelet from its CSR to its certificate. */
  readonly served: number[]
}

/** Creates go through admission, and are not stored. */
const DRY_RUN = '?dryRun=All'
/** A Lease lasts 15 s, and is looked at every 2 s. */
const AFTER_KILL_MS = 20_000
const AFTER_TERM_MS = 3_000
/** A leader renews its Lease every 2 s: each phase of that. */
const PHASE_MS = 2_000
const EVERY_MS = 10
const OUTAGE_MS = 60_000
const WAITING = 50
const DECIDED_WITHIN_MS = 15_000
/** Until a line fails. */
const PATIENCE_MS = 60_000
/** In which a process that stood still could do harm. */
const AWAKE_MS = 1_000

export async function again(stage: Stage, place: Place, options: AgainOptions): Promise<Again> {
  const one = new Repeating(stage, place, options)
  const promises = [
    await one.takeovers('SIGKILL', AFTER_KILL_MS),
    await one.takeovers('SIGTERM', AFTER_TERM_MS),
    await one.takeovers('SIGSTOP', AFTER_KILL_MS),
    await one.restarts(),
    await one.outages(),
  ]
  return { promises, befell: one.befell, served: one.served }
}

type Signal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP'

class Repeating {
  readonly befell: Befell[] = []
  readonly served: number[] = []
  readonly #stage: Stage
  readonly #place: Place
  readonly #options: AgainOptions
  #count = 0

  constructor(stage: Stage, place: Place, options: AgainOptions) {
    this.#stage = stage
    this.#place = place
    this.#options = options
  }

  /** Of the leader, while a kubelet asks. */
  async takeovers(signal: Signal, withinMs: number): Promise<Promised> {
    const { times, random } = this.#options
    const waits: number[] = []
    for (let time = 0; time < times; time += 1) {
      const host = await this.#newcomer()
      await sleep(random.between(0, PHASE_MS))
      const leader = leaderOf(this.#stage.installation.replicas)
      await this.#befall(signal, leader, async () => {
        const asked = Promise.withResolvers<number>()
        const ended = stop(leader, signal, async () => void (await asked.promise))
        host.ask(0).then(asked.resolve, asked.reject)
        await ended
        waits.push(await asked.promise)
      })
    }
    this.served.push(...waits)
    const what = `seconds from ${signal} of the leader to the certificate of who asks then`
    return slowest(what, waits, withinMs)
  }

  /** One webhook after the other, while CSRs are created that fail without it. */
  async restarts(): Promise<Promised> {
    const { times } = this.#options
    const { cluster, installation } = this.#stage
    const { url } = installation.balancer
    await changeWebhook(cluster.admin, { url, caPem: cluster.caPem, failurePolicy: 'Fail' })
    const webhooks = installation.replicas.filter(({ component }) => component === 'webhook')
    const over = new AbortController()
    const calls = this.#call(over.signal)
    for (let time = 0; time < times; time += 1)
      for (const webhook of webhooks)
        await this.#befall(
          'SIGTERM',
          webhook,
          async () => await webhook.restart('SIGTERM', async () => undefined),
        )
    over.abort()
    const { made, failed } = await calls
    const what = `calls that failed while each webhook was restarted ${times} times, under failurePolicy Fail`
    return kept(what, failed.length, 0, `of ${made}; ${failed.slice(0, 3).join('; ')}`)
  }

  async outages(): Promise<Promised> {
    const { cluster, installation } = this.#stage
    const controllers = installation.replicas.filter(({ component }) => component === 'controller')
    const nodes = await Promise.all(Array.from({ length: WAITING }, async () => await this.#node()))
    const waits: number[] = []
    for (let time = 0; time < this.#options.times / 4; time += 1) {
      for (const { service } of controllers) await service.child.pause()
      const asked = await Promise.all(nodes.map(async (node) => await node.ask()))
      const from = performance.now()
      await cluster.killApiServer()
      for (const { service } of controllers) service.child.resume()
      await sleep(OUTAGE_MS)
      await cluster.restartApiServer()
      this.#note('the API server is away', 'cluster', from)
      waits.push(await untilAll(cluster, asked, ({ approved }) => approved, PATIENCE_MS))
    }
    const what = `seconds from the API server's return to the approval of the last of ${WAITING} CSRs`
    return slowest(what, waits, DECIDED_WITHIN_MS)
  }

  async #newcomer(): Promise<Host> {
    this.#count += 1
    const host = Host.at(this.#place, `again-${this.#count}`, nextAddress())
    await host.boot()
    return await host.register()
  }

  /** At its address a kubelet waits for a certificate. */
  async #node(): Promise<TestNode> {
    this.#count += 1
    const node = new TestNode(this.#stage.cluster, `node-${this.#count}`, nextAddress())
    await this.#place.machines.start([node.address])
    return await node.join()
  }

  async #befall(fault: string, { name }: Replica, run: () => Promise<void>): Promise<void> {
    const from = performance.now()
    await run()
    this.#note(fault, name, from)
  }

  #note(fault: string, target: string, from: number): void {
    const one = { fault, target, from, until: performance.now() }
    this.befell.push(one)
    this.#options.print(lineOf(one))
  }

  /** A hundred a second: creates of CSRs that are not stored. */
  async #call(over: AbortSignal): Promise<{ readonly made: number; readonly failed: readonly string[] }> {
    const node = await this.#node()
    const failed: string[] = []
    const calls: Promise<void>[] = []
    const request = node.request()
    const call = async (): Promise<void> => {
      try {
        const { status, body } = await createCsr(node.client, { request }, DRY_RUN)
        if (status !== 201) failed.push(`${status} ${JSON.stringify(body['message'])}`)
      } catch (error) {
        failed.push(String(error))
      }
    }
    while (!over.aborted) {
      calls.push(call())
      await sleep(EVERY_MS)
    }
    await Promise.all(calls)
    return { made: calls.length, failed }
  }
}

/** Resolves once it runs again, which it does not before `over`. */
async function stop(replica: Replica, signal: Signal, over: () => Promise<void>): Promise<void> {
  if (signal !== 'SIGSTOP') return await replica.restart(signal, over)
  const { child } = replica.service
  await child.pause()
  await over()
  child.resume()
  await sleep(AWAKE_MS)
  await replica.restart('SIGTERM', async () => undefined)
}
