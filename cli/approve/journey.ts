import { setTimeout as sleep } from 'node:timers/promises'
import { nodeName } from '../../policies/node-name.ts'
import { oneLine } from '../../policies/text.ts'
import type { Decision } from '../../policies/types.ts'
import { awaitingLook } from '../../policies/unlooked.ts'
import type { InstalledLedger } from '../../server/ledger/open-ledger.ts'
import type { DecisionRecord } from '../../server/ports.ts'
import { startApprover } from './approver.ts'
import type { ApproveOptions } from './options.ts'
import type { Policy } from '../cluster/policy.ts'
import type { Session } from '../cluster/session.ts'
import type { Looking } from '../cluster/looking.ts'
import type { Context } from '../context.ts'
import type { Finding } from '../diagnose/check.ts'
import { isServing, type Standing, standingsOf } from '../diagnose/diagnose.ts'
import type { NodeFacts } from '../diagnose/facts.ts'
import { stepLines } from '../diagnose/fixes.ts'
import { gatherFleet, hiddenIn } from '../diagnose/gather.ts'
import { EXIT } from '../exit-codes.ts'
import { unprovenFlags } from '../output/shell.ts'
import { wantedIn } from './dry-run.ts'
import { News } from './news.ts'
import { type Unproven, writeOutcome } from './outcome.ts'

interface JourneyParts {
  readonly session: Session
  readonly policy: Policy
  readonly ledger: InstalledLedger
  readonly looking: Looking | null
  readonly options: ApproveOptions
  readonly context: Context
  /** Fires with why the command ends: `interrupted` or `timeout`. */
  readonly signal: AbortSignal
}

/** Between two looks at the fleet; a larger one is looked at less often, so that no more than a fifth of the time is reading. */
const LOOK_MS = 1_000
const REST_FACTOR = 4

/** The way of the nodes to their certificates, while this process approves. */
export class Journey {
  readonly #parts: JourneyParts
  readonly #wants: (node: string) => boolean
  readonly #news: News
  #standings: readonly Standing[] = []
  readonly #unproven: Unproven[] = []
  /** Why the fleet could not be read last; empty if it could. */
  #problem = ''

  constructor(parts: JourneyParts) {
    const { options, context, session } = parts
    this.#parts = parts
    this.#wants = wantedIn(options.node)
    this.#news = new News(
      options.output === 'table' || options.output === 'wide' ? context.stdout : null,
      () => session.cluster.clock.serverNow(),
    )
  }

  /** Runs until the condition is met, or the signal fires. Returns the exit code. */
  async run(): Promise<number> {
    const { session, policy, signal } = this.#parts
    const approver = startApprover({
      session,
      rules: policy.rules,
      looking: this.#parts.looking,
      unproven: this.#parts.options.unproven,
      installedLedger: this.#parts.ledger,
      wants: this.#wants,
      report: (record) => this.#report(record),
    })
    try {
      while (!signal.aborted && !(this.#isMet() && !this.#parts.options.watch)) await this.#look()
    } finally {
      await approver.stop()
    }
    const { options, context } = this.#parts
    const missing = this.#missing()
    const { looking } = this.#parts
    const seen = { standings: this.#standings, missing, looking, unproven: this.#unproven }
    await writeOutcome({ session, policy, ...seen, options, context })
    return this.#exitCode()
  }

  #exitCode(): number {
    const { signal, options } = this.#parts
    if (this.#isMet()) return EXIT.ok
    return signal.reason === 'interrupted' && !options.watch ? EXIT.interrupted : EXIT.finding
  }

  async #look(): Promise<void> {
    const { session, options, signal } = this.#parts
    const begun = performance.now()
    // A kubelet that serves is not dialled again: it does not lose its certificate.
    const served = new Map(
      this.#standings.filter(isServing).map((standing) => [keyOf(standing.node), standing]),
    )
    const { looking } = this.#parts
    const facts = await gatherFleet(session, {
      ...(looking !== null && { port: looking.port }),
      dials: (node) => options.dial && this.#wants(node.name) && !served.has(keyOf(node)),
      dialled: () => undefined,
    })
    this.#problem = hiddenIn(facts)?.message ?? ''
    if (this.#problem === '') {
      const wanted = standingsOf(facts).filter(({ node }) => this.#wants(node.name))
      this.#standings = wanted.map((standing) => served.get(keyOf(standing.node)) ?? standing)
      await this.#news.tell(this.#standings)
    }
    if (this.#isMet() && !options.watch) return
    const restMs = Math.max(LOOK_MS, (performance.now() - begun) * REST_FACTOR)
    await sleep(restMs, undefined, { signal }).catch(() => undefined)
  }

  /** Nothing but a decision that is no approval is told at once: approvals are seen in the fleet. */
  #report({ csr, decision, action }: DecisionRecord): void {
    if (decision.verdict === 'ignore') return
    const node = nodeName(csr.requester.username) ?? ''
    if (action !== 'approved') void this.#news.decided(node, csr.name, adviceOn(node, csr.name, decision))
    else if (this.#parts.options.unproven.includes(csr.name)) this.#tellUnproven(node, csr.name, decision)
  }

  #tellUnproven(node: string, csr: string, { message }: Decision): void {
    this.#unproven.push({ csr, node, message })
    void this.#news.approvedUnproven(node, csr, oneLine(message, MESSAGE_MAX))
  }

  #isDone(standing: Standing): boolean {
    return this.#parts.options.dial ? isServing(standing) : standing.csr?.state === 'issued'
  }

  #isMet(): boolean {
    const { expect, node } = this.#parts.options
    const done = this.#standings.filter((standing) => this.#isDone(standing)).length
    if (expect !== undefined) return done >= expect
    return done > 0 && done === this.#standings.length && done >= new Set(node).size
  }

  /** What keeps the condition from being met, a line each. */
  #missing(): string[] {
    if (this.#isMet()) return []
    if (this.#problem !== '') return [this.#problem]
    const { expect, node } = this.#parts.options
    const waiting = this.#standings.filter((standing) => !this.#isDone(standing))
    const known = new Set(this.#standings.map((standing) => standing.node.name))
    const named = [...new Set(node)]
      .filter((name) => !known.has(name))
      .map((name) => `${name}: has not registered`)
    const absent = Math.max(0, (expect ?? 1) - this.#standings.length)
    return [
      ...waiting.map((standing) => `${standing.node.name}: ${this.#reasonOf(standing)}`),
      ...(named.length > 0 ? named : absent > 0 ? [`${absent} more nodes have not registered`] : []),
    ]
  }

  #reasonOf({ node, csr, finding }: Standing): string {
    const decided = csr?.state === 'pending' ? this.#news.decisionOn(node.name) : undefined
    return decided ?? (finding === null ? 'has not asked for a certificate' : inWords(finding))
  }
}

/** Another Node may come under the same name. */
const keyOf = ({ name, createdAt }: NodeFacts): string => `${name} ${createdAt}`

const MESSAGE_MAX = 400

/** What is said of a CSR that is not approved, and how to approve it where nothing but a look is missing. */
function adviceOn(node: string, csr: string, decision: Decision): string {
  const said = oneLine(decision.message, MESSAGE_MAX)
  if (awaitingLook(decision).length === 0) return said
  return oneLine(`${said}. To approve it without a look: ${unprovenFlags(node, csr)}`, 2 * MESSAGE_MAX)
}

function inWords({ evidence, fix }: Finding): string {
  return [evidence, ...stepLines(fix)].join('. ')
}
