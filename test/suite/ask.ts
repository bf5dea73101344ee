/** Hostile requests: refused at creation while the webhook is on, stored and judged by the controller while it is off. */
import type { Client } from '../kit/client.ts'
import type { Service } from '../kit/service/service.ts'
import { createCsr, CSRS, listOf, metadataOf, standingOf, textOf } from '../kit/kubelet/csr.ts'
import type { Setup } from './cluster.ts'
import { csrOf, requesterOf } from './request.ts'
import { differs, type Progress, type Row } from './rows.ts'
import type { Case } from './schema.ts'

let asked = 0
/** A name of its own by which the log's line about a request is found. */
const newName = (): string => `asked-${(asked += 1)}`

/** With the webhook on: refused, in the words of the decision that is logged, and not stored. */
export async function askHostile(
  setup: Setup,
  service: Service,
  one: Case,
  progress: Progress,
): Promise<void> {
  const name = newName()
  using client = clientOf(setup, one)
  const answer = await createCsr(client, csrOf(one, name))
  const row = {
    phase: 'webhook on',
    asked: one.title,
    by: requesterOf(one).user,
    component: 'webhook',
    ms: answer.ms,
  } as const
  if (answer.status === 201 && one.expected.dialled) {
    progress.row({ ...row, ...(await leftToController(service, name, { one, warnings: answer.warnings })) })
    return
  }
  if (answer.status === 201) {
    progress.row({
      ...row,
      verdict: 'allowed',
      reason: '',
      problem: `must be refused with ${one.expected.reason}`,
    })
    return
  }
  const reason = textOf(answer.body['reason']) ?? ''
  const message = textOf(answer.body['message']) ?? ''
  if (!message.includes(' denied the request: ')) {
    const problem = `must reach the webhook, and be refused there with ${one.expected.reason}: ${message}`
    progress.row({ ...row, component: 'API server', verdict: `${answer.status}`, reason, problem })
    return
  }
  const decided = await service.decisionOn(name, 'webhook')
  const { verdict } = decided
  const problem = differs(one, decided) ?? differsInAnswer(one, answer.status, reason, message)
  progress.row({ ...row, verdict, reason, problem: problem ?? (await isStored(setup, name)) })
}

/** What only a dial settles: admitted with a warning, and not approved by the controller. */
async function leftToController(
  service: Service,
  name: string,
  { one, warnings }: { readonly one: Case; readonly warnings: readonly string[] },
): Promise<Pick<Row, 'component' | 'verdict' | 'reason' | 'problem'>> {
  const admitted = await service.decisionOn(name, 'webhook')
  const { verdict, reason, message } = await service.decisionOn(name, 'controller')
  const unwarned =
    admitted.verdict === 'unknown' && warnings.length > 0
      ? null
      : `it must be admitted with a warning: ${admitted.message}`
  const problem = unwarned ?? differs(one, { verdict, reason, message })
  return { component: 'controller', verdict, reason, problem }
}

function differsInAnswer(
  { expected: { reason } }: Case,
  status: number,
  said: string,
  message: string,
): string | null {
  if (status !== 403) return `the status must be 403, not ${status}`
  if (said !== reason) return `the answer’s reason must be ${reason}: ${said}`
  return message.includes(` denied the request: ${reason}: `)
    ? null
    : `the message must lead with the reason: ${message}`
}

async function isStored({ cluster }: Setup, name: string): Promise<string | null> {
  const { status } = await cluster.adminRequest('GET', `${CSRS}/${name}`)
  return status === 404 ? null : 'it is stored although it was refused'
}

/** A hostile CSR that was stored. */
export interface Stored {
  readonly name: string
  readonly one: Case
}

/** Creates the CSR of a case where no webhook refuses it; `status` and `message` are the API server's. */
export async function store(setup: Setup, one: Case) {
  const name = newName()
  using client = clientOf(setup, one)
  const { status, body } = await createCsr(client, csrOf(one, name))
  return { name, one, status, message: textOf(body['message']) }
}

/** With the webhook off: stored, and judged by the controller as the webhook judged it. */
export async function askStored(
  setup: Setup,
  service: Service,
  one: Case,
  progress: Progress,
): Promise<Stored> {
  const started = performance.now()
  const { name, status, message } = await store(setup, one)
  const row = {
    phase: 'webhook off',
    asked: one.title,
    by: requesterOf(one).user,
    component: 'controller',
  } as const
  if (status !== 201) {
    const problem = `must be stored: ${status} ${message}`
    progress.row({ ...row, verdict: `${status}`, reason: '', ms: performance.now() - started, problem })
    return { name, one }
  }
  const decided = await service.decisionOn(name, 'controller')
  const { verdict, reason } = decided
  progress.row({
    ...row,
    verdict,
    reason,
    ms: performance.now() - started,
    problem: differs(one, decided),
  })
  return { name, one }
}

/** Those that the API says are approved or signed, whatever the log says. */
export async function standsApproved({ cluster }: Setup, stored: readonly Stored[]) {
  const wrong: Pick<Row, 'asked' | 'by' | 'reason' | 'problem'>[] = []
  for (const item of await listOf(cluster, CSRS)) {
    const found = stored.find(({ name }) => name === metadataOf(item).name)
    if (found === undefined) continue
    const { approved, certificate } = standingOf(item)
    if (!approved && certificate === null) continue
    const { title, expected } = found.one
    const by = requesterOf(found.one).user
    wrong.push({ asked: title, by, reason: expected.reason ?? '', problem: 'the API has it Approved' })
  }
  return wrong
}

function clientOf({ cluster }: Setup, one: Case): Client {
  const { user, groups } = requesterOf(one)
  return cluster.impersonate({ user, groups: [...groups, 'system:authenticated'] })
}
