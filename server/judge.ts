import { addressesToDial, namesToLookUp, proofsOf } from '../policies/dialling.ts'
import { decideWithoutChecks, evaluate, ignoreReason } from '../policies/evaluate.ts'
import type { DecisionReason } from '../policies/codes.ts'
import { checks, checksOf } from '../policies/index.ts'
import { nodeName } from '../policies/node-name.ts'
import { rulesFor } from '../policies/pools.ts'
import { quoted } from '../policies/text.ts'
import type { Rules } from '../policies/rules.ts'
import type { ClusterStage, Decision, Facts, Fault, RequestStage } from '../policies/types.ts'
import { aborted, timeLimited } from './abort.ts'
import { atMostEvery } from './at-most-every.ts'
import type { FactCache } from './facts/fact-cache.ts'
import type { NewNodes } from './facts/new-nodes.ts'
import type { ParsedRequests } from './facts/parsed-requests.ts'
import { MAX_AGE_MS, NODES_MAX_AGE_MS } from './facts/freshness.ts'
import type { Clock, Judge, Judgement, JudgeInput, Log } from './ports.ts'

export interface JudgeDependencies {
  readonly facts: FactCache
  readonly newNodes: Pick<NewNodes, 'deadline' | 'next'>
  readonly parsed: Pick<ParsedRequests, 'read' | 'keep'>
  readonly clock: Clock
  readonly log: Log
}

interface Refreshing {
  /** However many reviews ask, they cost one list in 5 s: one that was sent within that time is current enough. */
  readonly refresh: () => Promise<void>
}

export const NOT_READ: Fault = {
  readable: false,
  code: 'NotRead',
  at: 0,
  message: 'the request was not read',
}

/** The one judgement of all purposes: gather, evaluate, stage by stage; what an earlier stage settles costs no look-up. */
export function createJudge(dependencies: JudgeDependencies): Judge {
  const { facts, clock } = dependencies
  const refresh = atMostEvery(
    NODES_MAX_AGE_MS,
    () => facts.refresh(),
    () => clock.monotonic(),
  )
  return async (input, rules) => {
    try {
      return await judge(input, rules, { ...dependencies, refresh })
    } catch (error) {
      return failed(input, rules, { ...dependencies, error })
    }
  }
}

async function judge(
  input: JudgeInput,
  rules: Rules,
  dependencies: JudgeDependencies & Refreshing,
): Promise<Judgement> {
  const { parsed, clock } = dependencies
  const known = undecided(input, clock)
  if (ignoreReason(input.csr, rules.settings) !== null) return evaluated(known, rules)
  const request = parsed.read(input.request)
  const first = evaluated({ ...known, request }, rules)
  if (!request.readable || isSettled(first.decision)) return first
  parsed.keep(input.request, request)
  const stage = { input, rules, known: { ...known, request }, requestDecision: first.decision }
  switch (input.purpose) {
    case 'admit':
      return await judgeCreated(stage, dependencies)
    case 'approve':
      return await judgeStored(stage, dependencies)
    case 'guard':
      return await judgeWhenCurrent(stage, dependencies)
  }
}

/** A request whose own checks pass, or wait for the cluster. */
interface Stage {
  readonly input: JudgeInput
  readonly rules: Rules
  readonly known: RequestStage
  /** Its findings are not looked for again. */
  readonly requestDecision: Decision
}

/**
 * Admitting grants nothing, so an older list of Nodes will do. A refusal as not yet conforming needs a current one, and waits
 * half a second for the watch to report a Node that has just joined: a refused kubelet waits longer.
 */
async function judgeCreated(stage: Stage, dependencies: JudgeDependencies & Refreshing): Promise<Judgement> {
  const { facts, newNodes, refresh } = dependencies
  const watched = await untilReported(stage.input, () => gathered(stage, facts, MAX_AGE_MS), newNodes)
  if (watched.decision.verdict !== 'notYet' || facts.problem() === null) return watched
  await Promise.race([refresh(), aborted(stage.input.signal)])
  return gathered(stage, facts, NODES_MAX_AGE_MS)
}

/** Who approves by hand asks once, and does not wait for the facts as the controller does: what is out of date is read again. */
async function judgeWhenCurrent(
  stage: Stage,
  dependencies: JudgeDependencies & Refreshing,
): Promise<Judgement> {
  const judgement = await judgeStored(stage, dependencies)
  if (judgement.decision.verdict !== 'unknown') return judgement
  await Promise.race([dependencies.refresh(), aborted(stage.input.signal)])
  return await judgeStored(stage, dependencies)
}

/** Asks the sources and DNS, and dials kubelets, only where the answer can change the decision. */
async function judgeStored(stage: Stage, { facts }: JudgeDependencies): Promise<Judgement> {
  const weigh = () => gathered(stage, facts, NODES_MAX_AGE_MS)
  let judgement = weigh()
  if (await askSources(judgement, stage, facts)) judgement = weigh()
  // What one address shows may make others matter, which are dialled then.
  for (let looks = 0; looks < LOOKS_MAX && (await look(judgement, stage, facts)); looks += 1) {
    judgement = weigh()
    if (await askSources(judgement, stage, facts)) judgement = weigh()
  }
  return { ...judgement, proof: proofsOf(judgement.facts, stage.rules) }
}

interface Gathered extends Judgement {
  readonly facts: ClusterStage
}

/** Judges by what the cluster says now. */
function gathered(
  { input, rules, known, requestDecision }: Stage,
  facts: FactCache,
  nodesMaxAgeMs: number,
): Gathered {
  const { pool } = rulesFor(rules, input.csr.requester.username)
  const cluster = facts.gather(input, known.request, { nodesMaxAgeMs, pool })
  return evaluated({ ...known, cluster }, rules, requestDecision)
}

function evaluated<Known extends Facts>(facts: Known, rules: Rules, earlier?: Decision) {
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
  { input, known }: Stage,
  facts: FactCache,
): Promise<boolean> {
  const open = decision.findings.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'skipped')
  const isAsked = open.some(({ code, outcome }) => outcome === 'unknown' && truthCodes.has(code))
  const mayHeal = isAsked && open.every(({ code }) => settledBySources.has(code))
  return mayHeal && (await facts.ask(input, known.request))
}

const LOOKS_MAX = 2
/**
 * A kubelet answers within milliseconds, and its CSR must not wait long for one that is off. A silent address takes a second: with no
 * more time than that, the look at the network would never end where nobody is reached.
 */
const DIALLING_MS = 1_500

/** Has the addresses dialled and the names looked up on which the decision depends. Returns whether more is known now. */
async function look({ facts, decision }: Gathered, stage: Stage, cache: FactCache): Promise<boolean> {
  const { input } = stage
  const rules = rulesFor(stage.rules, input.csr.requester.username)
  const unseen = cache.unseen(addressesToDial(facts, rules, decision), rules.pool)
  const unresolved = cache.unresolved(namesToLookUp(facts, rules, decision))
  if (unseen.length + unresolved.length === 0) return false
  await timeLimited(DIALLING_MS, input.signal, async (signal) => {
    await Promise.all([cache.dial(unseen, rules.pool, signal), cache.lookUp(unresolved)])
  })
  return true
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
  newNodes: JudgeDependencies['newNodes'],
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

function undecided({ purpose, csr, caller }: JudgeInput, clock: Clock): Facts {
  return { purpose, now: clock.serverNow(), csr, caller, request: NOT_READ, cluster: null }
}

/** Whether no further fact can change the verdict. */
function isSettled({ verdict }: Decision): boolean {
  return verdict === 'deny' || verdict === 'error'
}

/** The judgement after an exception, which is a bug. It approves nothing. */
function failed(
  input: JudgeInput,
  { hash }: Rules,
  { clock, log, error }: Pick<JudgeDependencies, 'clock' | 'log'> & { readonly error: unknown },
): Judgement {
  log.error({ err: error, csr: quoted(input.csr.name) }, 'judging a CSR failed')
  return { facts: undecided(input, clock), decision: decideWithoutChecks('InternalError', hash) }
}
