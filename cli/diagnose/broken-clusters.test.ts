import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../server/ports.ts'
import { answering, isList } from '../../test/embedded/faults.ts'
import type { Broken } from './broken.fixture.ts'
import { brokenApprovals } from './broken-approval.fixture.ts'
import { brokenControlPlanes } from './broken-control-plane.fixture.ts'
import { brokenKubelets } from './broken-kubelets.fixture.ts'
import { FakeCluster } from './cluster.fixture.ts'
import * as objects from './cluster-objects.fixture.ts'
import { diagnose } from './diagnose.ts'

const { API_SERVER_FLAGS } = objects

const broken = [...brokenKubelets, ...brokenControlPlanes, ...brokenApprovals]

async function findingsOf(cluster: FakeCluster): Promise<string[]> {
  const findings = diagnose(await cluster.facts())
  return findings.map(
    ({ severity, code, subject, evidence }) => `${severity} ${code} ${subject}: ${evidence}`,
  )
}

const UNFILLED = /\b(?:NODE|NAME|NAMESPACE|KIND|BINDING|CONFIGURATION|SECRET|SERVICE|PORT|FILE|MACHINE)\b/u

for (const { title, by, first } of broken) {
  test(`the first finding is the cause: ${title}`, async () => {
    await using cluster = await FakeCluster.start()
    await by(cluster)
    const [found = ''] = await findingsOf(cluster)
    if (typeof first === 'string') assert.equal(found, first)
    else assert.match(found, first)
    const commands = diagnose(await cluster.facts()).flatMap(({ fix }) => fix.flatMap(({ run }) => run ?? []))
    for (const command of commands) assert.doesNotMatch(command, UNFILLED)
  })
}

const SHARED_CA =
  'info SharedCa CA of kubelets: CN=kubernetes signed certificates of kubelets, and this kubeconfig and all pods verify the API server by it'

/** The webhook admits what it would refuse, since the policy says so. */
function admittingBy(policy: JsonObject): Broken['by'] {
  return (cluster) => {
    cluster.put('policies', objects.policyObject({ policy }))
    cluster.answerDryRun('csrs', 'admitted')
  }
}

/** Clusters in good order, and the first finding, which is only for information. */
const healthy: readonly Broken[] = [
  { title: 'kubeadm with one CA for all', by: () => undefined, first: SHARED_CA },
  { title: 'a policy that refuses nothing', by: admittingBy({ mode: 'approveOnly' }), first: SHARED_CA },
  {
    title: 'a policy that leaves requesters that are no nodes alone',
    by: admittingBy({ foreignRequesters: 'ignore' }),
    first: SHARED_CA,
  },
  {
    title: 'kubelets with a CA of their own',
    by: (cluster) => cluster.serveAllBy('kubelet-ca'),
    first:
      'info MayApprove ServiceAccount gate/kubelet-csr-gate-controller: the ClusterRoleBinding gate-approve gives it approve for kubernetes.io/kubelet-serving',
  },
  {
    title: 'a managed cluster, whose control plane is not visible, with the approver of postfinance',
    by: (cluster) => {
      for (const pod of ['kube-apiserver-cp-1', 'kube-controller-manager-cp-1']) cluster.remove('pods', pod)
      for (const name of ['kubeadm-config', 'kubelet-config']) cluster.remove('configMaps', name)
      cluster.remove('leases', 'kube-controller-manager')
      cluster.remove('webhooks', 'kubelet-csr-gate')
      cluster.put(
        'deployments',
        objects.workload('kubelet-csr-gate', 'gate', 'postfinance/kubelet-csr-approver:v1'),
      )
    },
    first:
      'info SharedCa CA of kubelets: CN=kubernetes signed certificates of kubelets, and this kubeconfig and all pods verify the API server by it',
  },
]

for (const { title, by, first } of healthy) {
  test(`nothing above info is found in good order: ${title}`, async () => {
    await using cluster = await FakeCluster.start()
    await by(cluster)
    const findings = await findingsOf(cluster)
    assert.deepEqual(
      findings.filter((finding) => /^(?:critical|warning) /u.test(finding)),
      [],
    )
    assert.equal(findings[0], first)
  })
}

test('CSRs that wait for some seconds while no approver is installed are too early to tell, which is not ok', async () => {
  await using cluster = await FakeCluster.start()
  cluster.remove('deployments', 'kubelet-csr-gate')
  cluster.put('csrs', objects.csrObject('csr-w2', 'w-2', null, { seconds: 10 }))
  const findings = await findingsOf(cluster)
  assert.deepEqual(
    findings.filter((finding) => finding.includes('SomebodyApproves') || finding.includes('NoApprover')),
    [
      'notVisible SomebodyApproves Approvers: CSRs have been pending for less than a minute, and no known approver is installed. Run this again in a minute',
    ],
  )
})

test('a Pod that a worker makes of itself says nothing about the control plane', async () => {
  await using cluster = await FakeCluster.start()
  cluster.remove('pods', 'kube-apiserver-cp-1')
  cluster.put('pods', objects.podObject('kube-apiserver', API_SERVER_FLAGS, 'w-1'))
  const findings = await findingsOf(cluster)
  assert.ok(
    findings.includes(
      'notVisible ApiServerVerifiesKubelets API server: no Pod kube-apiserver runs in kube-system on a control plane: as on managed clusters, its flags are not visible',
    ),
    findings.join('\n'),
  )
})

test('a list that may not be read is not visible, and no check of it is ok', async () => {
  await using cluster = await FakeCluster.start()
  cluster.api.plan(
    answering({ code: 403, reason: 'Forbidden', message: 'clusterroles is forbidden' }),
    (request) => isList(request) && (request.url?.includes('/clusterroles') ?? false),
    Infinity,
  )
  const findings = await findingsOf(cluster)
  assert.deepEqual(
    findings.filter((finding) => finding.includes('FewMayApprove') || finding.includes('MayApprove')),
    ['notVisible FewMayApprove Right to approve: ClusterRoles not visible (403): clusterroles is forbidden'],
  )
})

test('the dry runs are the only requests that are no reads', async () => {
  await using cluster = await FakeCluster.start()
  await cluster.facts()
  assert.deepEqual(
    cluster.api.heard
      .filter(({ method }) => method !== 'GET')
      .map(({ url }) => url)
      .sort(),
    [`${objects.PATHS.nodes}?dryRun=All`, `${objects.PATHS.csrs}?dryRun=All`].sort(),
  )
})
