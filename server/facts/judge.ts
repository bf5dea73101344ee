import { addressesToDial, proofsOf } from '../../policies/dialling.ts'
import { decideWithoutChecks, evaluate, ignoreReason } from '../../policies/evaluate.ts'
import type { DecisionReason } from '../../policies/codes.ts'
import { checks } from '../../policies/index.ts'
import { nodeName } from '../../policies/node-name.ts'
import { quoted } from '../../policies/text.ts'
import type { Rules } from '../../policies/rules.ts'
import type { ClusterStage, Decision, Facts, Fault } from '../../policies/types.ts'
import { atMostEvery } from '../at-most-every.ts'
import type { Clock, Judge, Judgement, Log, JudgeInput, Picture } from '../ports.ts'
import type { ClusterGatherer } from './gather.ts'
import type { NewNodes } from './new-nodes.ts'
import type { Readings } from './readings.ts'
import { MAX_AGE_MS, NODES_MAX_AGE_MS } from './sources.ts'

export interface JudgeParts {
  readonly gatherer: ClusterGatherer
  readonly newNodes: Pick<NewNodes, 'deadline' | 'next'>
  readonly readings: Pick<Readings, 'read' | 'keep'>
  readonly rules: () => Rules
  readonly clock: Clock
  readonly log: Log
}

const NOT_READ: Fault = { readable: false, code: 'NotRead', at: 0, message: 'the request was not read' }

/**
 * The one judgement of both components: gather, evaluate, stage by stage; what an earlier stage settles costs no look-up.
 * The controller judges on a picture of all Nodes that is at most 5 s old. The webhook admits on an older one, since
 * admitting grants nothing. It refuses as not yet conforming only on a current one, and gives the watch half a second to
 * report a Node that has just joined: a refused kubelet waits longer.
 */
export function createJudge(parts: JudgeParts): Judge {
  const refresh = sharedRefresh(parts.gatherer, parts.clock)
  return async (subject) => {
    try {
      return await judge(subject, { ...parts, refresh })
    } catch (error) {
      return failed(subject, parts, error)
    }
  }
}

interface Refreshing {
  readonly refresh: () => Promise<void>
}

/**
 * For the webhook, which anybody can ask. However many reviews would be refused, they cost one list in 5 s: one that was
 * sent within that time makes the picture current enough.
 */
export function sharedRefresh(
  picture: Pick<Picture, 'refresh'>,
  clock: Pick<Clock, 'monotonic'>,
): () => Promise<void> {
  return atMostEvery(
    NODES_MAX_AGE_MS,
    () => picture.refresh(),
    () => clock.monotonic(),
  )
}

async function judge(subject: JudgeInput, parts: JudgeParts & Refreshing): Promise<Judgement> {
  const { gatherer, newNodes, readings, rules, clock, refresh } = parts
  const judged = (facts: Facts): Judgement => ({ facts, decision: evaluate(facts, rules(), checks) })
  const facts = undecided(subject, clock)
  if (ignoreReason(subject.csr, rules().settings) !== null) return judged(facts)
  const request = readings.read(subject.request)
  const first = judged({ ...facts, request })
  if (!request.readable || isSettled(first.decision)) return first
  readings.keep(subject.request, request)
  const gathered = (nodesMaxAgeMs: number): Judgement =>
    judged({ ...facts, request, cluster: gatherer.gather(subject, request, nodesMaxAgeMs) })
  if (subject.component === 'controller')
    return await untilSeen(
      subject,
      async () =>
        await whenVouched(
          () => gathered(NODES_MAX_AGE_MS),
          () => gatherer.ask(subject, request),
        ),
      parts,
    )
  const watched = await untilReported(subject, () => gathered(MAX_AGE_MS), newNodes)
  if (watched.decision.verdict !== 'notYet' || gatherer.problem() === null) return watched
  await Promise.race([refresh(), aborted(subject.signal)])
  return gathered(NODES_MAX_AGE_MS)
}

const truthCodes: ReadonlySet<DecisionReason> = new Set(
  checks.filter(({ stage }) => stage === 'truth').map(({ code }) => code),
)

/** What the answer of a source may heal. */
const settledBySources: ReadonlySet<DecisionReason> = new Set([
  ...truthCodes,
  'NameContested',
  'AddressContested',
] as const)

/** Asks the sources of truth once nothing else is in the way: what is refused anyway costs no look-up. */
async function whenVouched(judged: () => Judgement, ask: () => Promise<boolean>): Promise<Judgement> {
  const judgement = judged()
  const open = judgement.decision.findings.filter(
    ({ outcome }) => outcome !== 'pass' && outcome !== 'skipped',
  )
  const isAsked = open.some(({ code, outcome }) => outcome === 'unknown' && truthCodes.has(code))
  const mayHeal = isAsked && open.every(({ code }) => settledBySources.has(code))
  return mayHeal && (await ask()) ? judged() : judgement
}

/** A kubelet answers within milliseconds, and its CSR must not wait long for one that is off. */
const DIALLING_MS = 1_000

/** Has the addresses dialled on which the decision depends, and judges again on what is known then. */
async function untilSeen(
  { signal }: JudgeInput,
  judged: () => Promise<Judgement>,
  { gatherer, rules }: Pick<JudgeParts, 'gatherer' | 'rules'>,
): Promise<Judgement> {
  const first = await judged()
  const { facts, decision } = first
  const { prober } = gatherer
  const staged = stagedOf(facts)
  if (prober === null || staged === null) return withProof(first, rules())
  const unseen = addressesToDial(staged, rules(), decision).filter(
    (address) => prober.result(address) === undefined,
  )
  if (unseen.length === 0) return withProof(first, rules())
  if (prober.problem() !== null) {
    // What is seen says nothing now, and only dials show when that is over. Nobody waits for them.
    void prober.probe(unseen)
    return withProof(first, rules())
  }
  const limit = AbortSignal.timeout(DIALLING_MS)
  const signals = signal === undefined ? [limit] : [limit, signal]
  await prober.probe(unseen, AbortSignal.any(signals))
  return withProof(await judged(), rules())
}

function withProof(judgement: Judgement, rules: Rules): Judgement {
  const staged = stagedOf(judgement.facts)
  return staged === null ? judgement : { ...judgement, proof: proofsOf(staged, rules) }
}

function stagedOf({ request, cluster, ...facts }: Facts): ClusterStage | null {
  return request.readable && cluster !== null ? { ...facts, request, cluster } : null
}

/** What a kubelet that has just registered is refused for until the watch has reported its Node, and its addresses. */
const ofNewNodes: ReadonlySet<DecisionReason> = new Set([
  'NodeUnknown',
  'NameNotOfNode',
  'AddressNotOfNode',
] as const)

/** Judges again with each change of a Node that has just joined, as long as the Node is why it does not conform yet. */
async function untilReported(
  { csr, signal }: JudgeInput,
  judged: () => Judgement,
  newNodes: JudgeParts['newNodes'],
): Promise<Judgement> {
  const name = nodeName(csr.requester.username) ?? ''
  const deadline = newNodes.deadline()
  for (;;) {
    const judgement = judged()
    const { verdict, reason } = judgement.decision
    const mayHeal = verdict === 'notYet' && ofNewNodes.has(reason)
    if (!mayHeal || !(await newNodes.next(name, deadline, signal))) return judgement
  }
}

/** Resolves when the caller's time is up; never without a signal. */
export function aborted(signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal?.aborted === true) resolve()
  signal?.addEventListener('abort', () => resolve(), { once: true })
  return promise
}

function undecided({ component, csr, caller }: JudgeInput, clock: Clock): Facts {
  return { component, now: clock.serverNow(), csr, caller, request: NOT_READ, cluster: null }
}

/** Whether no further fact can change the verdict. */
function isSettled({ verdict }: Decision): boolean {
  return verdict === 'deny' || verdict === 'ignore' || verdict === 'error'
}

/** The judgement after an exception, which is a bug. It approves nothing. */
function failed(subject: JudgeInput, { rules, clock, log }: JudgeParts, error: unknown): Judgement {
  log.error({ err: error, csr: quoted(subject.csr.name) }, 'judging a CSR failed')
  return { facts: undecided(subject, clock), decision: decideWithoutChecks('InternalError', rules().hash) }
}
