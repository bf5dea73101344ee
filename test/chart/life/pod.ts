import { goodFacts } from '../../../policies/good-request.fixture.ts'
import type { DecisionRecord } from '../../../server/ports.ts'
import { MetricsRecorder } from '../../../server/report/recorder.ts'
import type { Recorder } from './recorder.ts'

export interface PodPlan {
  readonly name: string
  readonly runs: { readonly webhook: boolean; readonly controller: boolean }
  /** Minutes between which it runs. */
  readonly from: number
  readonly until: number
  /** The minute in which its container is started again. */
  readonly restartsAt?: number
}

/** CSRs at the time of a scrape. */
export interface Waiting {
  /** The minutes in which the pending ones were created. */
  readonly pending: readonly number[]
  /** Of these, the ones that the leader may approve. */
  readonly approvable: readonly number[]
  /** Approved, and not issued yet. */
  readonly unissued: number
}

export type Told = Pick<DecisionRecord, 'component' | 'action'> & {
  readonly verdict: DecisionRecord['decision']['verdict']
  readonly reason: DecisionRecord['decision']['reason']
}

const LISTS = ['csrs', 'nodes'] as const
const POLICY = '0123456789ab'

/** A pod whose /metrics is the page of the product. What happens to it is told minute by minute. */
export class Pod {
  readonly plan: PodPlan
  #metrics: MetricsRecorder
  #waiting: Waiting = { pending: [], approvable: [], unissued: 0 }
  #leads = false
  #minute = 0

  constructor(plan: PodPlan) {
    this.plan = plan
    this.#metrics = this.#start(plan.from)
  }

  /** Whether its container runs, so that it can be scraped. */
  runsAt(minute: number): boolean {
    const { from, until, restartsAt } = this.plan
    return minute >= from && minute < until && minute !== restartsAt
  }

  #start(minute: number): MetricsRecorder {
    const { runs } = this.plan
    const metrics = new MetricsRecorder({ version: '1.2.3', runs })
    const age = (minutes: readonly number[]) => ({
      count: minutes.length,
      oldestSeconds: minutes.length === 0 ? 0 : (this.#minute - Math.min(...minutes)) * 60 + 3,
    })
    metrics.waitingFrom(
      () => age(this.#waiting.pending),
      () => ({ count: this.#waiting.unissued, oldestSeconds: this.#waiting.unissued > 0 ? 2 : 0 }),
    )
    if (runs.controller) {
      metrics.approvableFrom(() => age(this.#leads ? this.#waiting.approvable : []))
      metrics.probesFrom({ inProgress: () => 0, blind: () => false })
      metrics.leader(false)
    }
    metrics.ledgerFrom(() => ({ nodes: 50, unproven: 0, unreadable: 0 }))
    metrics.sharedCaFrom(() => 'false')
    metrics.processFrom({ droppedLines: () => 0, longestStallMs: () => 40 })
    metrics.policyInForce(POLICY, 'enforce')
    metrics.policyReloaded(true)
    metrics.inventoryReloaded(true)
    if (runs.webhook) metrics.certificateServed(new Date(minute * 60_000 + 90 * 86_400_000))
    return metrics
  }

  decided({ component, action, verdict, reason }: Told): void {
    const decision = {
      verdict,
      reason,
      message: reason,
      findings: [],
      awaited: true,
      policyHash: POLICY,
    } as const
    this.#metrics.decided({ component, csr: goodFacts.csr, action, decision, durationMs: 2 }, 0.3)
    if (component === 'webhook') this.#metrics.answered(200, 0.002)
  }

  /** A minute passes, and Prometheus scrapes. */
  async live(
    minute: number,
    { waiting, leads }: { waiting: Waiting; leads: boolean },
    to: Recorder,
  ): Promise<void> {
    const { name, runs, restartsAt, from, until } = this.plan
    if (minute < from || minute >= until) return
    const labels = `job="kubelet-csr-gate",namespace="kubelet-csr-gate",pod="${name}",endpoint="metrics"`
    to.sample(minute, `up{${labels}}`, this.runsAt(minute) ? 1 : 0)
    if (!this.runsAt(minute)) return
    if (minute === Number(restartsAt) + 1) this.#metrics = this.#start(minute)
    this.#minute = minute
    this.#waiting = waiting
    this.#leads = leads
    for (const list of LISTS) this.#metrics.watchSpoke(list)
    if (runs.controller) this.#metrics.leader(leads)
    const { body } = await this.#metrics.render()
    // that of this test, which works without a pause
    const page = body.replace(/^(nodejs_eventloop_lag_p99_seconds) .*$/mu, '$1 0.0121')
    to.page(minute, page, labels)
  }
}
