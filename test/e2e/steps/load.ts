/**
 * A process of its own, in the control plane's network: creates the same CSR again and again, on dry runs, at a steady rate until
 * its input ends or a given number as fast as may be, then prints as JSON what became of them. Its one argument is a
 * file that holds a {@link LoadPlan}.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'

export interface LoadPlan {
  readonly host: string
  readonly port: number
  readonly caPem: string
  /** The requester's certificate and key. */
  readonly identityPem: string
  readonly csr: object
  readonly pace: Pace
}

export type Pace = { readonly perSecond: number } | { readonly count: number }

export interface LoadResult {
  readonly created: number
  readonly failed: number
  /** The first few, with the seconds since the start, as the API server put them. */
  readonly failures: readonly string[]
  readonly slowestMs: number
}

/** 10 s worth of 20 a second: beyond it the API server has stopped answering, and each further create has failed. */
const MAX_IN_FLIGHT = 200
const AT_ONCE = 20
/** Longer than the webhook's 3 s and the API server's own retries of it. */
const ANSWER_TIMEOUT_MS = 15_000
const MAX_FAILURES_TOLD = 5

class Load {
  readonly #plan: LoadPlan
  readonly #agent: Agent
  readonly #body: string
  readonly #failures: string[] = []
  readonly #inFlight = new Set<Promise<void>>()
  readonly #began = performance.now()
  #created = 0
  #failed = 0
  #slowestMs = 0

  constructor(plan: LoadPlan) {
    this.#plan = plan
    this.#agent = new Agent({
      keepAlive: true,
      ca: plan.caPem,
      cert: plan.identityPem,
      key: plan.identityPem,
    })
    this.#body = JSON.stringify(plan.csr)
  }

  steadily(perSecond: number): NodeJS.Timeout {
    return setInterval(() => {
      if (this.#inFlight.size >= MAX_IN_FLIGHT) return this.#fail('too many creates without an answer')
      const one = this.#create()
      this.#inFlight.add(one)
      void one.finally(() => this.#inFlight.delete(one))
    }, 1000 / perSecond)
  }

  async all(count: number): Promise<void> {
    let left = count
    const create = async (): Promise<void> => {
      while (left-- > 0) await this.#create()
    }
    await Promise.all(Array.from({ length: AT_ONCE }, create))
  }

  async result(): Promise<LoadResult> {
    await Promise.all(this.#inFlight)
    this.#agent.destroy()
    return {
      created: this.#created,
      failed: this.#failed,
      failures: this.#failures,
      slowestMs: Math.round(this.#slowestMs),
    }
  }

  async #create(): Promise<void> {
    await this.#post().catch((error: unknown) => this.#fail(String(error)))
  }

  async #post(): Promise<void> {
    const began = performance.now()
    const { host, port } = this.#plan
    const sent = request({
      host,
      port,
      agent: this.#agent,
      method: 'POST',
      // The webhook is called all the same. Stored, one of them would be approved, and all after it refused.
      path: '/apis/certificates.k8s.io/v1/certificatesigningrequests?dryRun=All',
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    }).end(this.#body)
    const [answer] = await once(sent, 'response')
    const body = await text(answer)
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - began)
    if (answer.statusCode === 201) this.#created += 1
    else this.#fail(`${answer.statusCode}: ${body.slice(0, 500)}`)
  }

  #fail(because: string): void {
    this.#failed += 1
    const at = ((performance.now() - this.#began) / 1000).toFixed(1)
    if (this.#failures.length < MAX_FAILURES_TOLD) this.#failures.push(`at ${at} s: ${because}`)
  }
}

if (import.meta.main) {
  const plan: LoadPlan = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8'))
  const load = new Load(plan)
  if ('count' in plan.pace) {
    await load.all(plan.pace.count)
  } else {
    const timer = load.steadily(plan.pace.perSecond)
    await once(process.stdin.resume(), 'end')
    clearInterval(timer)
  }
  process.stdout.write(`${JSON.stringify(await load.result())}\n`)
}
