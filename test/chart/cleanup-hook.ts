import { setTimeout as sleep } from 'node:timers/promises'
import { textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { CHART, type Helm, NAMESPACE } from './helm.ts'
import { run } from './lifecycle.ts'

const RELEASE = 'hooked'
const FULLNAME = `${RELEASE}-kubelet-csr-gate`
const WEBHOOK = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${FULLNAME}`
const WORKLOAD = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${FULLNAME}`
const JOB = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${FULLNAME}-cleanup`
const values = { webhook: { failurePolicy: 'Fail', cleanupHook: { enabled: true } } }
const JOB_MS = 30_000

/**
 * Uninstalls a release whose clean-up hook is on. No pod runs here, so the webhook is removed as the Job's would (its
 * script is tried in scripts.test.ts), and the Job said to be complete.
 * @returns what went wrong, a line each
 */
export async function troublesOfHook(cluster: ControlPlane, program: Helm): Promise<readonly string[]> {
  const release = { cluster, name: RELEASE, values, program }
  const troubles: string[] = []
  try {
    await run(release, 'install', RELEASE, CHART)
    const uninstalling = run(release, 'uninstall', RELEASE)
    troubles.push(...(await actAsJob(cluster)))
    await uninstalling
    for (const path of [JOB, WEBHOOK, WORKLOAD])
      if (await isThere(cluster, path)) troubles.push(`${path} is left`)
  } catch (error) {
    await run(release, 'uninstall', RELEASE, '--no-hooks').catch(() => undefined)
    troubles.push(error instanceof Error ? error.message : String(error))
  }
  return troubles.map((trouble) => `uninstall with the clean-up hook: ${trouble}`)
}

async function actAsJob(cluster: ControlPlane): Promise<readonly string[]> {
  const deadline = performance.now() + JOB_MS
  while (!(await isThere(cluster, JOB)) && performance.now() < deadline) await sleep(50)
  const troubles: string[] = []
  for (const path of [JOB, WEBHOOK, WORKLOAD])
    if (!(await isThere(cluster, path))) troubles.push(`${path} is not there while the hook runs`)
  await cluster.adminRequest('DELETE', WEBHOOK)
  const said = async (...types: readonly string[]) =>
    cluster.adminRequest('PATCH', `${JOB}/status`, { status: statusOf(types) })
  const older = await said('Complete')
  const { status, body } = older.status === 200 ? older : await said('SuccessCriteriaMet', 'Complete')
  if (status !== 200) troubles.push(`the Job cannot be complete: ${status} ${textAt(body, 'message')}`)
  return troubles
}

/** As the Job controller reports it, which does not run here; newer minors want another condition first. */
function statusOf(types: readonly string[]): JsonObject {
  const now = new Date().toISOString().replace(/\.\d+/, '')
  const since = { status: 'True', lastProbeTime: now, lastTransitionTime: now }
  const conditions = types.map((type) => ({ type, ...since }))
  return { startTime: now, completionTime: now, succeeded: 1, ready: 0, conditions }
}

async function isThere(cluster: ControlPlane, path: string): Promise<boolean> {
  return (await cluster.adminRequest('GET', path)).status === 200
}
