import { addressesToDial, proofsOf } from '../policies/dialling.ts'
import { decideWithoutChecks, evaluate, ignoreReason } from '../policies/evaluate.ts'
import type { DecisionReason } from '../policies/codes.ts'
import { checks, checksOf } from '../policies/index.ts'
import { nodeName } from '../policies/node-name.ts'
import { quoted } from '../policies/text.ts'
import type { Rules } from '../policies/rules.ts'
import type { ClusterStage, Decision, Facts, Fault, RequestStage } from '../policies/types.ts'
import { atMostEvery } from './at-most-every.ts'
import type { ClusterGatherer } from './facts/gather.ts'
import type { NewNodes } from './facts/new-nodes.ts'
import type { Readings } from './facts/readings.ts'
import { MAX_AGE_MS, NODES_MAX_AGE_MS } from './facts/sources.ts'
import type { Clock, Judge, Judgement, JudgeInput, Log, Picture } from './ports.ts'

export interface JudgeParts {
  readonly gatherer: ClusterGatherer
  readonly newNodes: Pick<NewNodes, 'deadline' | 'next'>
  readonly readings: Pick<Readings, 'read' | 'keep'>
  readonly clock: Clock
  readonly log: Log
}

const NOT_READ: Fault = { readable: false, code: 'NotRead', at: 0, message: 'the request was not read' }

/**
 * The one judgement of all purposes: gather, evaluate, stage by stage; what an earlier stage settles costs no look-up.
 * The controller judges on a picture of all Nodes that is at most 5 s old. The webhook admits on an older one, since
 * admitting grants nothing. It refuses as not yet conforming only on a current one, and gives the watch half a second to
 * report a Node that has just joined: a refused kubelet waits longer.
 */
export function createJudge(parts: JudgeParts): Judge {
  const refresh = sharedRefresh(parts.gatherer, parts.clock)
  return async (input, rules) => {
    try {
      return await judge(input, rules, { ...parts, refresh })
    } catch (error) {
      return failed(input, rules, { ...parts, error })
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

async function judge(input: JudgeInput, rules: Rules, parts: JudgeParts & Refreshing): Promise<Judgement> {
  const { readings, clock } = parts
  const facts = undecided(input, clock)
  if (ignoreReason(input.csr, rules.settings) !== null) return evaluated(facts, rules)
  const request = readings.read(input.request)
  const first = evaluated({ ...facts, request }, rules)
  if (!request.readable || isSettled(first.decision)) return first
  readings.keep(input.request, request)
  const stage = { input, rules, facts: { ...facts, request }, requestDecision: first.decision }
  return input.purpose === 'admit' ? await judgeCreated(stage, parts) : await judgeStored(stage, parts)
}

/** A request whose own checks pass, or wait for the cluster. */
interface Stage {
  readonly input: JudgeInput
  readonly rules: Rules
  readonly facts: RequestStage
  /** Its findings are not looked for again. */
  readonly requestDecision: Decision
}

/** Asks the sources, and dials kubelets, only where the answer can change the decision. */
async function judgeStored(stage: Stage, { gatherer }: JudgeParts): Promise<Judgement> {
  const weigh = (): Judgement => gathered(stage, gatherer, NODES_MAX_AGE_MS)
  let judgement = weigh()
  if (await askSources(judgement, stage, gatherer)) judgement = weigh()
  if (await dialKubelets(judgement, stage, gatherer)) {
    judgement = weigh()
    if (await askSources(judgement, stage, gatherer)) judgement = weigh()
  }
  return withProof(judgement, stage.rules)
}

/** Waits for a Node that has just joined, and refuses as not yet conforming only on a current picture of the Nodes. */
async function judgeCreated(stage: Stage, parts: JudgeParts & Refreshing): Promise<Judgement> {
  const { gatherer, newNodes, refresh } = parts
  const watched = await untilReported(stage.input, () => gathered(stage, gatherer, MAX_AGE_MS), newNodes)
  if (watched.decision.verdict !== 'notYet' || gatherer.problem() === null) return watched
  await Promise.race([refresh(), aborted(stage.input.signal)])
  return gathered(stage, gatherer, NODES_MAX_AGE_MS)
}

/** Judges by what the cluster says now. */
function gathered(
  { input, rules, facts, requestDecision }: Stage,
  gatherer: ClusterGatherer,
  nodesMaxAgeMs: number,
): Judgement {
  const cluster = gatherer.gather(input, facts.request, nodesMaxAgeMs)
  return evaluated({ ...facts, cluster }, rules, requestDecision)
}

function evaluated(facts: Facts, rules: Rules, earlier?: Decision): Judgement {
  return { facts, decision: evaluate(facts, rules, checksOf(facts.purpose), earlier) }
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

/** Asks the sources of truth once nothing else is in the way. Returns whether they may have told more. */
async function askSources(
  { decision }: Judgement,
  { input, facts }: Stage,
  gatherer: ClusterGatherer,
): Promise<boolean> {
  const open = decision.findings.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'skipped')
  const isAsked = open.some(({ code, outcome }) => outcome === 'unknown' && truthCodes.has(code))
  const mayHeal = isAsked && open.every(({ code }) => settledBySources.has(code))
  return mayHeal && (await gatherer.ask(input, facts.request))
}

/** A kubelet answers within milliseconds, and its CSR must not wait long for one that is off. */
const DIALLING_MS = 1_000

/** Has the addresses dialled on which the decision depends. Returns whether the caller waited for what was seen there. */
async function dialKubelets(
  { facts, decision }: Judgement,
  { input: { signal }, rules }: Stage,
  { prober }: ClusterGatherer,
): Promise<boolean> {
  const staged = stagedOf(facts)
  if (prober === null || staged === null) return false
  const unseen = addressesToDial(staged, rules, decision).filter(
    (address) => prober.result(address) === undefined,
  )
  if (unseen.length === 0) return false
  if (prober.problem() !== null) {
    // What is seen says nothing now, and only dials show when that is over. Nobody waits for them.
    void prober.probe(unseen)
    return false
  }
  const limit = AbortSignal.timeout(DIALLING_MS)
  const signals = signal === undefined ? [limit] : [limit, signal]
  await prober.probe(unseen, AbortSignal.any(signals))
  return true
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

function undecided({ purpose, csr, caller }: JudgeInput, clock: Clock): Facts {
  return { purpose, now: clock.serverNow(), csr, caller, request: NOT_READ, cluster: null }
}

/** Whether no further fact can change the verdict. */
function isSettled({ verdict }: Decision): boolean {
  return verdict === 'deny' || verdict === 'ignore' || verdict === 'error'
}

/** The judgement after an exception, which is a bug. It approves nothing. */
function failed(
  input: JudgeInput,
  { hash }: Rules,
  { clock, log, error }: Pick<JudgeParts, 'clock' | 'log'> & { readonly error: unknown },
): Judgement {
  log.error({ err: error, csr: quoted(input.csr.name) }, 'judging a CSR failed')
  return { facts: undecided(input, clock), decision: decideWithoutChecks('InternalError', hash) }
}
