import { type Belonging, belongingsOf } from '../../policies/belonging.ts'
import type { CheckCode } from '../../policies/codes.ts'
import { checks } from '../../policies/index.ts'
import { requestIsReadable } from '../../policies/checks/request-is-readable.ts'
import { nodeName } from '../../policies/node-name.ts'
import { rulesFor } from '../../policies/pools.ts'
import type { Finding } from '../../policies/types.ts'
import { awaitingLook } from '../../policies/unlooked.ts'
import type { Explanation, Opinion } from '../../server/explain.ts'
import type { Policy } from '../cluster/policy.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { unprovenFlags } from '../output/shell.ts'
import type { Looking } from '../cluster/looking.ts'
import { seenBy } from './seen.ts'
import type { Subject } from './subject.ts'

/** Everything that an explanation says. */
export interface Explained {
  readonly subject: Subject
  readonly policy: Policy
  readonly explanation: Explanation
  /** From where addresses were dialled; null: nobody was. */
  readonly looking: Looking | null
  /** Without a cluster. */
  readonly alone: boolean
}

export type Explaining =
  | { readonly ok: true; readonly explained: Explained }
  | { readonly ok: false; readonly problem: Problem }

/** What the user named is not there, or is not what it has to be. */
export function misused(message: string): Extract<Explaining, { readonly ok: false }> {
  return { ok: false, problem: { message, exitCode: EXIT.usage } }
}

/** One check. The outcome of a component is null if the check is not its own. */
export interface Row {
  readonly code: CheckCode
  readonly requires: string
  readonly webhook: Finding['outcome'] | null
  readonly controller: Finding['outcome'] | null
  readonly saw: string
  readonly source: string
}

/** The checks in the order in which they decide; none for a CSR that is not judged at all. */
export function rowsOf({ explanation, policy: { rules } }: Explained): Row[] {
  const { webhook, controller } = explanation
  return [requestIsReadable, ...checks].flatMap(({ code, requires, source }) => {
    const [byWebhook, byController] = [findingOf(webhook, code), findingOf(controller, code)]
    const finding = byController ?? byWebhook
    if (finding === undefined) return []
    const { facts } = byController === undefined ? webhook : controller
    const saw = finding.outcome === 'pass' ? seenBy(code, facts, rules) : finding.detail
    const outcomes = { webhook: byWebhook?.outcome ?? null, controller: byController?.outcome ?? null }
    return [{ code, requires, ...outcomes, saw, source }]
  })
}

/** Why each name and address is the Node's; none where the cluster was not asked. */
export function belongingsIn({ explanation: { controller }, policy }: Explained): Belonging[] {
  const { request, cluster, ...facts } = controller.facts
  if (!request.readable || cluster === null) return []
  const rules = rulesFor(policy.rules, facts.csr.requester.username)
  return belongingsOf({ ...facts, request, cluster }, rules)
}

function findingOf({ decision }: Opinion, code: CheckCode): Finding | undefined {
  return decision.findings.find((finding) => finding.code === code)
}

/** The shape that docs/cli.md lists. */
export function jsonOf(explained: Explained): object {
  const { subject, policy, explanation } = explained
  const { csr } = subject.reading
  return {
    csr: {
      name: csr.name,
      username: csr.requester.username,
      createdAt: new Date(csr.createdAt).toISOString(),
      state: subject.state,
      decidedBy: subject.decidedBy,
    },
    assumed: subject.assumed,
    policy: { source: policy.source, hash: policy.rules.hash, mode: policy.rules.settings.mode },
    looked: explained.looking,
    webhook: opinionOf(explanation.webhook),
    controller: opinionOf(explanation.controller),
    checks: rowsOf(explained).map(({ source: _source, ...row }) => row),
    belongs: belongingsIn(explained),
    todo: todoOf(explained),
  }
}

function opinionOf({ decision: { verdict, reason, message }, action }: Opinion): object {
  return { verdict, reason, message, action }
}

/** What a person can do, most important first. */
export function todoOf(explained: Explained): string[] {
  const { subject, explanation } = explained
  const { verdict } = explanation.controller.decision
  if (subject.state === 'failed') return [`The signer refused it: ${subject.decidedBy}`]
  switch (verdict) {
    case 'approve':
      return approvedTodo(explained)
    case 'deny':
      return ['This request can never be approved. The kubelet must create another one.']
    case 'notYet':
      return ['Fix the cause. Then this CSR is approved, or the next one of its kubelet.']
    case 'unknown':
      return [unknownTodo(explained)]
    case 'ignore':
      return ['kubelet-csr-gate does not decide on this CSR.']
    case 'error':
      return ['This is a bug of kubelet-csr-gate. Report it with the output of explain -o json.']
  }
}

function unknownTodo({ subject, explanation, alone }: Explained): string {
  if (alone) return 'A file shows only the request. Give its Node with --node-file FILE, or explain csr/NAME.'
  return awaitingLook(explanation.controller.decision).length > 0
    ? lookAt(subject)
    : 'Make visible what is not known, then run explain again.'
}

/** The controller may have looked from where it runs. */
function lookAt({ reading: { csr } }: Subject): string {
  const flags = unprovenFlags(nodeName(csr.requester.username) ?? '', csr.name)
  return `The decision depends on who answers at the address, which cannot be seen from here. The controller decides. If none runs, run explain on a machine of the cluster, or approve without a look: kubelet-csr-gate approve ${flags}`
}

function approvedTodo({ subject: { state }, explanation, policy }: Explained): string[] {
  if (state === 'pending' && explanation.controller.action === 'left')
    return [`The mode of the policy is ${policy.rules.settings.mode}: the controller approves nothing.`]
  if (state === 'pending') return ['The controller approves it. If none runs, run: kubelet-csr-gate approve']
  if (state === 'approved')
    return ['It is approved and not issued. Check that kube-controller-manager runs with a signer.']
  if (state === 'denied')
    return ['A denied CSR stays denied. Its kubelet creates another one: explain that one.']
  return []
}
