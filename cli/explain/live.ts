import { oneLine } from '../../policies/text.ts'
import { explainWith } from '../../server/explain.ts'
import { installedLedger } from '../cluster/installed.ts'
import { judgingIn, untilTried } from '../cluster/judging.ts'
import { policyFor } from '../cluster/policy.ts'
import { problemOf } from '../cluster/refusal.ts'
import { openSession, type Session } from '../cluster/session.ts'
import type { Context } from '../context.ts'
import type { ExplainOptions } from './options.ts'
import { type Explaining, misused } from './result.ts'
import { asPending, subjectOfObject } from './subject.ts'

/** Explains a CSR of the cluster, by what the cluster is now. */
export async function explainLive(
  name: string,
  options: ExplainOptions,
  env: Context['env'],
): Promise<Explaining> {
  if (options.nodeFile !== undefined)
    return misused('--node-file is for a file: the Node of csr/NAME is read from the cluster')
  const opened = await openSession(options, env)
  if (!opened.ok) return opened
  try {
    return await explainIn(opened.session, name, options)
  } finally {
    await opened.session.cluster.close()
  }
}

async function explainIn(
  session: Session,
  name: string,
  { policy: file, output }: ExplainOptions,
): Promise<Explaining> {
  const { cluster } = session
  const policy = await policyFor(file, session)
  if (!policy.ok) return policy
  const read = await readSubject(session, name)
  if (!read.ok) return read
  const { subject } = read
  const { rules } = policy
  const { clock } = cluster
  const judging = judgingIn(session, await installedLedger(session), rules)
  try {
    await untilTried(judging)
    const reading = asPending(subject, clock.serverNow())
    const explanation = await explainWith(judging, reading, { rules, clock, everyStage: output === 'wide' })
    return { ok: true, explained: { subject, policy, explanation, alone: false } }
  } finally {
    await judging.stop()
  }
}

async function readSubject({ cluster, server }: Session, name: string) {
  const path = `/apis/certificates.k8s.io/v1/certificatesigningrequests/${encodeURIComponent(name)}`
  const answer = await cluster.call({ method: 'GET', path })
  if (answer.ok) return subjectOfObject(answer.object)
  if (answer.status !== 404) return { ok: false, problem: problemOf(answer, 'the CSR', server) } as const
  return misused(`there is no CSR ${oneLine(name, 260)}. Its kubelet may have asked again: kubectl get csr`)
}
