import { evaluate } from '../policies/evaluate.ts'
import { checksOf } from '../policies/index.ts'
import { nodeName } from '../policies/node-name.ts'
import { rulesFor } from '../policies/pools.ts'
import type { Rules } from '../policies/rules.ts'
import type { Claim, ClusterFacts, Facts, NodeFacts, OwnGrants, Purpose } from '../policies/types.ts'
import { actionOn } from './admission/respond.ts'
import { actionOf, planFor } from './controller/plan.ts'
import { Claims } from './facts/claims.ts'
import { readCsrObject } from './facts/csr-object.ts'
import { Fields } from './facts/fields.ts'
import { selectNode } from './facts/nodes.ts'
import { MAX_AGE_MS } from './facts/freshness.ts'
import type { Judging } from './service.ts'
import { readRequest, readUnverified } from './pkcs10/request.ts'
import type { Action, Clock, CsrReading, Json, JsonObject, Judgement } from './ports.ts'

/** What one component decides about a CSR. */
export interface Opinion extends Judgement {
  /** What is done about the decision: by the webhook at creation, by the controller with a stored CSR. */
  readonly action: Action
}

/** By who decides. */
export type Explanation = Readonly<Record<'webhook' | 'controller', Opinion>>

interface Weighing {
  readonly rules: Rules
  /** Milliseconds since the epoch by the API server's clock. */
  readonly now: number
}

export type CsrObjectReading =
  | { readonly ok: true; readonly reading: CsrReading }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads a CertificateSigningRequest as both components do. */
export function readCsr(object: Json): CsrObjectReading {
  const fields = new Fields(object, 'csr')
  const reading = readCsrObject(fields)
  return fields.problems.length === 0 ? { ok: true, reading } : { ok: false, problems: fields.problems }
}

/** Reads a Node as both components do; undefined if it is none. */
export function readNode(object: JsonObject): NodeFacts | undefined {
  return selectNode(object)
}

/**
 * What both components decide from the lists, by the service's own judge.
 * @param everyStage also what comes after a violation, which the service does not look at any more
 */
export async function explainWith(
  { judge, facts: cache }: Pick<Judging, 'judge' | 'facts'>,
  reading: CsrReading,
  {
    rules,
    clock,
    everyStage,
  }: { readonly rules: Rules; readonly clock: Clock; readonly everyStage: boolean },
): Promise<Explanation> {
  const now = clock.serverNow()
  const { pool } = rulesFor(rules, reading.csr.requester.username)
  return await explainBy(reading, { rules, now }, async (purpose, caller) => {
    // For the controller it has addresses dialled, before the facts of every stage are gathered.
    const judged =
      !everyStage || purpose === 'approve' ? await judge({ purpose, ...reading, caller }, rules) : null
    if (!everyStage && judged !== null) return judged
    const request = readUnverified(reading.request)
    const cluster = request.readable
      ? cache.gather({ purpose, ...reading }, request, { nodesMaxAgeMs: MAX_AGE_MS, pool })
      : null
    const facts: Facts = { purpose, now, csr: reading.csr, caller, request, cluster }
    return { facts, decision: evaluate(facts, rules, checksOf(purpose)) }
  })
}

/**
 * What both components decide without a cluster: with these Nodes and no other object; without Nodes, the cluster stays
 * unknown. The signature is verified, since no API server has seen the request.
 */
export async function explainAlone(
  reading: CsrReading,
  { rules, now, nodes }: Weighing & { readonly nodes: readonly JsonObject[] | null },
): Promise<Explanation> {
  const request = readRequest(reading.request)
  const own = nodeName(reading.csr.requester.username) ?? ''
  const cluster = nodes === null ? null : clusterOf(nodes, own, request)
  return await explainBy(reading, { rules, now }, async (purpose, caller) => {
    const facts: Facts = { purpose, now, csr: reading.csr, caller, request, cluster }
    return { facts, decision: evaluate(facts, rules, checksOf(purpose)) }
  })
}

async function explainBy(
  { csr }: CsrReading,
  { rules, now }: Weighing,
  judge: (purpose: Purpose, caller: Facts['caller']) => Promise<Judgement>,
): Promise<Explanation> {
  const { settings } = rulesFor(rules, csr.requester.username)
  const circumstances = { settings, webhookEnabled: true, ageMs: now - csr.createdAt, undecided: 0 }
  // The user who created a CSR is the one in its spec: the API server writes both.
  const [webhook, controller] = await Promise.all([judge('admit', csr.requester), judge('approve', null)])
  return {
    webhook: { ...webhook, action: actionOn(webhook.decision, settings.mode) },
    controller: { ...controller, action: actionOf(planFor(controller.decision, circumstances)) },
  }
}

const nothingGranted: OwnGrants = {
  held: [],
  served: false,
  unprovenLeft: 0,
  precedence: {},
  reportedMs: {},
  incomplete: null,
  othersIncomplete: null,
}

function claimOf({
  name,
  controlPlane,
}: NodeFacts): Pick<Claim, 'node' | 'controlPlane' | 'served' | 'precedence'> {
  return { node: name, controlPlane, served: false, precedence: 2 }
}

/** A cluster with some Nodes, and with no reservations but the built-in ones and the policy's. */
function clusterOf(
  objects: readonly JsonObject[],
  own: string,
  request: ReturnType<typeof readRequest>,
): ClusterFacts {
  const read = objects.flatMap((object) => selectNode(object) ?? [])
  const nodes = new Map(read.map((node) => [node.name, node]))
  const isWhole = read.length === objects.length
  const claims = new Claims({
    get: (name) => nodes.get(name),
    values: () => nodes.values(),
    subscribe: () => undefined,
  })
  const rivals = request.readable ? claims.rivals(request, own) : []
  const known = <T>(value: T) => ({ known: true, value }) as const
  return {
    node: isWhole ? known(nodes.get(own) ?? null) : { known: false, because: 'the Node cannot be read' },
    claims: known(rivals.map(({ node, ...rival }) => ({ ...rival, ...claimOf(node) }))),
    holdings: known([]),
    own: known(nothingGranted),
    probes: { kind: 'off' },
    lookups: null,
    reserved: known([]),
    newerPending: known(null),
    approvals: known([]),
    sameKey: known(null),
    vouched: [],
  }
}

/** What the controller decides about each pending CSR of these nodes, now. */
export async function judgePending(
  { informers, judge }: Pick<Judging, 'informers' | 'judge'>,
  rules: Rules,
  wants: (node: string) => boolean,
): Promise<Judgement[]> {
  const judgements: Judgement[] = []
  for (const { username, pending } of informers.csrs.values()) {
    if (pending?.whole !== true || !wants(nodeName(username) ?? '')) continue
    const { csr, request } = pending
    judgements.push(await judge({ purpose: 'approve', csr, request, caller: null }, rules))
  }
  return judgements
}
