import { textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { until } from '../kit/until.ts'
import { CHART, type Helm, NAMESPACE, outside } from './helm.ts'
import { run } from './lifecycle.ts'

const RELEASE = 'hooked'
const FULLNAME = `${RELEASE}-kubelet-csr-gate`
const WEBHOOK = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${outside(FULLNAME)}`
const WORKLOAD = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${FULLNAME}`
const JOB = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${FULLNAME}-cleanup`
const values = { webhook: { failurePolicy: 'Fail', cleanupHook: { enabled: true } } }
const JOB_MS = 30_000

/**
 * Uninstalls a release with the clean-up hook. No pod runs here, so this deletes the webhook in place of the Job (its script
 * is tested in scripts.proof.ts) and marks the Job as complete.
 * @returns failures, a line each
 */
export async function cleanupHookProblems(cluster: ControlPlane, program: Helm): Promise<readonly string[]> {
  const release = { cluster, name: RELEASE, values, program }
  const problems: string[] = []
  try {
    await run(release, 'install', RELEASE, CHART)
    const uninstalling = run(release, 'uninstall', RELEASE)
    problems.push(...(await completeJob(cluster)))
    await uninstalling
    for (const path of [JOB, WEBHOOK, WORKLOAD])
      if (await exists(cluster, path)) problems.push(`${path} is left`)
  } catch (error) {
    await run(release, 'uninstall', RELEASE, '--no-hooks').catch(() => undefined)
    problems.push(error instanceof Error ? error.message : String(error))
  }
  return problems.map((problem) => `uninstall with the clean-up hook: ${problem}`)
}

async function completeJob(cluster: ControlPlane): Promise<readonly string[]> {
  await until(() => exists(cluster, JOB), 'the Job is created', JOB_MS, 50)
  const problems: string[] = []
  for (const path of [WEBHOOK, WORKLOAD])
    if (!(await exists(cluster, path))) problems.push(`${path} does not exist while the hook runs`)
  await cluster.adminRequest('DELETE', WEBHOOK)
  const report = async (...types: readonly string[]) =>
    cluster.adminRequest('PATCH', `${JOB}/status`, { status: statusOf(types) })
  const older = await report('Complete')
  const { status, body } = older.status === 200 ? older : await report('SuccessCriteriaMet', 'Complete')
  if (status !== 200) problems.push(`the Job cannot be complete: ${status} ${textAt(body, 'message')}`)
  return problems
}

/** The status that the Job controller would write. Newer minors require another condition first. */
function statusOf(types: readonly string[]): JsonObject {
  const now = new Date().toISOString().replace(/\.\d+/, '')
  const since = { status: 'True', lastProbeTime: now, lastTransitionTime: now }
  const conditions = types.map((type) => ({ type, ...since }))
  return { startTime: now, completionTime: now, succeeded: 1, ready: 0, conditions }
}

async function exists(cluster: ControlPlane, path: string): Promise<boolean> {
  return (await cluster.adminRequest('GET', path)).status === 200
}
