/** A whole day of one installation, with a promise for each step. */
import { installDefinitions } from '../chart/definitions.ts'
import { FULLNAME, NAMESPACE } from '../chart/helm.ts'
import { startControlPlane } from '../control-plane/control-plane.ts'
import type { Proof } from '../e2e/proof.ts'
import { startCertManager } from './cert-manager.ts'
import { GitopsController } from './controller.ts'
import { Day } from './day.ts'
import { desired } from './desired.ts'
import type { Installation } from './installations.ts'
import { kubectlDiff } from './kubectl-diff.ts'
import { remains } from './remains.ts'
import { byCertManager, bySelfSigning } from './rotations.ts'

export async function proveDay(
  proof: Proof,
  { name, manager, certificates, values }: Installation,
): Promise<void> {
  proof.part(`${name}, as ${manager}`)
  await using cluster = await proof.step(`${name}: a control plane`, () => startControlPlane())
  await cluster.adminRequest('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } })
  await installDefinitions(cluster)
  const isOurs = certificates === 'pods'
  await using _certManager = isOurs ? null : await startCertManager(cluster)
  const gitops = new GitopsController(cluster, manager)
  const rotation = isOurs ? bySelfSigning(cluster) : byCertManager(cluster)
  const given = await values()
  await using day = new Day({ cluster, gitops, values: given, rotation }, ({ step, problems, seconds }) => {
    const found = problems.length === 0 ? 'no drift' : problems.join('\n')
    proof.holds(`${step} (${seconds.toFixed(1)} s)`, found, problems.length === 0)
  })
  await proof.step('the day', () => live(day))
  const objects = gitops.marked(await desired({ values: given, minor: cluster.minor }))
  const diff = await kubectlDiff(cluster, manager, objects)
  proof.holds('kubectl diff --server-side', diff === '' ? 'empty' : diff, diff === '')
  await gitops.prune()
  const ledger = `configmap/${FULLNAME}-ledger-`
  const left = (await remains(cluster)).filter((each) => !each.startsWith(ledger))
  const expected = [
    `lease/${FULLNAME}`,
    ...(isOurs ? [] : [`secret/${FULLNAME}-ca`, `secret/${FULLNAME}-serving`]),
  ]
  proof.holds('what is left beside the ledger', left.join(' '), left.join() === expected.join())
}

async function live(day: Day): Promise<void> {
  await day.begin()
  await day.renewCertificate()
  const replaced = await day.beginReplacingAuthority()
  await day.changeLeader()
  await day.loseLease()
  await replaced()
  await day.loseSecret()
  await day.upgradeAndReturn({ withPods: true })
  await day.certifyNode()
}
