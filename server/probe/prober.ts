import { defaultLimits, type ProbeLimits } from '../../policies/limits.ts'
import type { Address, ProbeResult } from '../../policies/types.ts'
import type { Log, ProbeRecorder, Prober } from '../ports.ts'
import { ProbeOutage } from './outage.ts'
import { DialQueue } from './dial-queue.ts'
import type { Dial } from './dial.ts'
import { Results } from './results.ts'

interface KubeletProberDependencies {
  readonly dial: Dial
  readonly port: number
  /** Whether an address may be a node's at all. */
  readonly mayDial: (address: Address) => boolean
  readonly recorder: ProbeRecorder
  readonly log: Log
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly limits?: ProbeLimits
}

/** Two silent dials one after the other, and the wait for a turn. */
const CALL_MS = 3_000

/** Has addresses dialled for whoever asks, and remembers for a few seconds what was seen. */
export class KubeletProber implements Pick<Prober, 'probe' | 'result'> {
  readonly #dependencies: KubeletProberDependencies
  readonly #limits: ProbeLimits
  readonly #results: Results
  readonly #outage: ProbeOutage
  readonly #queue: DialQueue
  #wasBlind = false

  constructor(dependencies: KubeletProberDependencies) {
    this.#dependencies = dependencies
    this.#limits = dependencies.limits ?? defaultLimits.probe
    this.#results = new Results(this.#limits)
    this.#outage = new ProbeOutage(this.#limits)
    const isDue = (address: Address) => this.#isDue(address)
    this.#queue = new DialQueue({ dial: (address) => this.#dial(address), isDue, now: dependencies.now })
    dependencies.recorder.probesFrom({
      inProgress: () => this.#queue.running,
      blind: () => this.#isBlind(),
    })
  }

  async probe(addresses: readonly Address[], signal?: AbortSignal): Promise<void> {
    const due = [...new Set(addresses)]
      .filter((address) => this.#isDue(address))
      .slice(0, this.#limits.callMax)
    if (due.length === 0 || signal?.aborted === true) return
    const call = this.#queue.add(due)
    await within(call.done, CALL_MS, signal)
    call.leave()
  }

  result(address: Address): ProbeResult | undefined {
    return this.#results.get(address, this.#dependencies.now())
  }

  /** Tells when no kubelet answers anywhere; decides nothing. */
  #isBlind(): boolean {
    const { now, port, log } = this.#dependencies
    const isBlind = this.#outage.isOngoing(now())
    if (isBlind !== this.#wasBlind) {
      this.#wasBlind = isBlind
      const problem = `no kubelet answers on port ${port} of any address: check kubelet.port, NetworkPolicies and firewalls`
      if (isBlind) log.warn({ problem }, 'no kubelet is reached')
      else log.info({}, 'kubelets are reached again')
    }
    return isBlind
  }

  /** Resolves when no dial is in progress, which takes a second at most. */
  async stop(): Promise<void> {
    await this.#queue.stop()
  }

  #isDue(address: Address): boolean {
    const { now, mayDial } = this.#dependencies
    return this.#results.isDue(address, now()) && mayDial(address)
  }

  async #dial(address: Address): Promise<void> {
    const { dial, now, recorder } = this.#dependencies
    const begun = now()
    const sight = await dial(address)
    const ended = now()
    this.#results.note(address, sight, ended)
    this.#outage.note(address, sight, ended)
    recorder.probed(sight.kind, (ended - begun) / 1_000)
    this.#isBlind()
  }
}

/** Resolves with the promise, after so long, or when the signal fires. */
async function within(done: Promise<void>, ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const over = (): void => resolve()
  const timer = setTimeout(over, ms)
  signal?.addEventListener('abort', over, { once: true })
  void done.then(over)
  await promise
  clearTimeout(timer)
  signal?.removeEventListener('abort', over)
}
