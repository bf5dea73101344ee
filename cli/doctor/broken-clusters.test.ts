import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answering, isList } from '../../test/kit/fake-api/fake-api.ts'
import { createAuthority } from '../../test/kit/pki.ts'
import { encoded } from '../../server/json.ts'
import { FakeCluster } from './cluster.fixture.ts'
import * as objects from './cluster-objects.fixture.ts'
import { diagnose } from './diagnose.ts'

const { API_SERVER_FLAGS, CONTROLLER_MANAGER_FLAGS, csrObject } = objects
const NODES_GROUP = { kind: 'Group', name: 'system:nodes' }

interface Broken {
  readonly title: string
  readonly by: (cluster: FakeCluster) => void | Promise<void>
  /** Severity, id, subject and evidence of the first finding. */
  readonly first: string | RegExp
}

const apiServer = (cluster: FakeCluster, flags: readonly string[]): void =>
  cluster.put('pods', objects.podObject('kube-apiserver', flags))
const controllerManager = (cluster: FakeCluster, flags: readonly string[]): void =>
  cluster.put('pods', objects.podObject('kube-controller-manager', flags))

/** The cluster in good order with one thing broken. */
const broken: readonly Broken[] = [
  {
    title: 'kubelets with serverTLSBootstrap off',
    by: (cluster) => cluster.serveBy('w-1-ca@1700000000', 'w-1'),
    first: 'critical BootstrapOff Node w-1: its certificate is self-made, of CN=w-1-ca@1700000000',
  },
  {
    title: 'a certificate of a CA that nobody knows',
    by: (cluster) => cluster.serveBy('corporate', 'w-2'),
    first: 'critical UnknownCa Node w-2: its certificate is of the unknown CA CN=corporate',
  },
  {
    title: 'a certificate without the address that the API server dials',
    by: (cluster) => cluster.serve('w-1', { addresses: ['192.0.2.7'] }),
    first:
      'critical AddressNotInCertificate Node w-1: the API server dials 127.0.0.12 (first of InternalIP,ExternalIP,Hostname), and its certificate is valid for DNS:w-1, IP Address:192.0.2.7',
  },
  {
    title: 'an API server that prefers host names, which the certificate has not',
    by: async (cluster) => {
      apiServer(cluster, API_SERVER_FLAGS.slice(0, 2))
      await cluster.serve('w-1', { names: ['other'] })
    },
    first:
      'critical AddressNotInCertificate Node w-1: the API server dials w-1 (first of Hostname,InternalDNS,InternalIP,ExternalDNS,ExternalIP), and its certificate is valid for DNS:other, IP Address:127.0.0.12',
  },
  {
    title: 'an expired certificate',
    by: (cluster) => cluster.serve('w-1', { days: -1 / 24, daysAgo: 1 }),
    first: 'critical Expired Node w-1: its certificate expired 60m ago',
  },
  {
    title: 'a certificate that was not renewed',
    by: (cluster) => cluster.serve('w-1', { days: 20.5, daysAgo: 300 }),
    first: 'warning ExpiresSoon Node w-1: its certificate expires in 20d',
  },
  {
    title: 'a certificate that is not valid yet',
    by: (cluster) => cluster.serve('w-1', { days: 2, daysAgo: -1.5 }),
    first: /^warning CertificateFromFuture Node w-1: its certificate begins at 2.* UTC, in 35h$/u,
  },
  {
    title: 'the certificate of another node',
    by: (cluster) => cluster.serve('w-1', { commonName: 'system:node:w-2' }),
    first: 'critical OtherNode Node w-1: the common name of its certificate is system:node:w-2',
  },
  {
    title: 'a Node without an address, whose kubelet never asks',
    by: (cluster) => cluster.edit('nodes', 'w-1', () => ({ status: {} })),
    first: 'critical NodeWithoutAddress Node w-1: it reports no IP address, and the Node is 60m old',
  },
  {
    title: 'a Node that waits for its cloud provider',
    by: async (cluster) => {
      cluster.edit('nodes', 'w-2', () => ({
        spec: { taints: [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', effect: 'NoSchedule' }] },
      }))
      await cluster.answer('w-2', 'internalError')
    },
    first:
      'critical CloudProviderMissing Node w-2: it has the taint node.cloudprovider.kubernetes.io/uninitialized, and the Node is 60m old',
  },
  {
    title: 'a kubelet without a certificate and without a CSR',
    by: (cluster) => cluster.answer('w-2', 'internalError'),
    first:
      'critical NoCsr Node w-2: its kubelet answers with tls: internal error, and no CSR of it is stored',
  },
  {
    title: 'a CSR that nobody decides',
    by: async (cluster) => {
      cluster.put('csrs', csrObject('csr-w2', 'w-2', null))
      await cluster.answer('w-2', 'internalError')
    },
    first: 'critical CsrPending Node w-2: csr-w2 has waited for 5m',
  },
  {
    title: 'CSRs and no approver',
    by: (cluster) => {
      cluster.remove('deployments', 'kubelet-csr-gate')
      cluster.put('csrs', csrObject('csr-w2', 'w-2', null, { seconds: 1_000 }))
    },
    first: 'warning NoApprover Approvers: 1 CSRs wait, and no Deployment or DaemonSet is of a known approver',
  },
  {
    title: 'a node that is denied again and again',
    by: async (cluster) => {
      for (const [index, name] of ['csr-1', 'csr-2', 'csr-3'].entries())
        cluster.put(
          'csrs',
          csrObject(name, 'w-2', 'Denied', { seconds: 60 - index, message: 'AddressReserved: 10.96.0.1' }),
        )
      await cluster.answer('w-2', 'internalError')
    },
    first:
      'critical CsrDenied Node w-2: csr-3 was denied, as 2 before it within the hour: AddressReserved: 10.96.0.1',
  },
  {
    title: 'a CSR that the signer refused',
    by: (cluster) =>
      cluster.put('csrs', csrObject('csr-w2', 'w-2', 'Failed', { message: 'usages did not match' })),
    first: 'critical CsrFailed Node w-2: the signer refused csr-w2: usages did not match',
  },
  {
    title: 'approved, and not issued',
    by: (cluster) => cluster.put('csrs', csrObject('csr-w2', 'w-2', 'Approved')),
    first: 'critical NotIssued Node w-2: csr-w2 is approved, and not issued after 5m',
  },
  {
    title: 'a controller manager without its signer',
    by: (cluster) => {
      controllerManager(cluster, ['--controllers=*,-csrsigning', ...CONTROLLER_MANAGER_FLAGS.slice(1)])
      cluster.put('csrs', csrObject('csr-w2', 'w-2', 'Approved'))
    },
    first:
      'critical SignerDisabled Pod kube-system/kube-controller-manager-cp-1: --controllers=*,-csrsigning leaves out csrsigning',
  },
  {
    title: 'a signer without a CA',
    by: (cluster) => controllerManager(cluster, CONTROLLER_MANAGER_FLAGS.slice(0, 1)),
    first:
      'critical SignerWithoutCa Pod kube-system/kube-controller-manager-cp-1: --cluster-signing-cert-file is not set',
  },
  {
    title: 'a controller manager that has stopped',
    by: (cluster) =>
      cluster.edit('leases', 'kube-controller-manager', () => ({ spec: { renewTime: objects.ago(600) } })),
    first:
      'critical ControllerManagerStopped kube-controller-manager: no leader has renewed the Lease kube-system/kube-controller-manager for 10m',
  },
  {
    title: 'a signer too slow for the cluster',
    by: (cluster) => controllerManager(cluster, [...CONTROLLER_MANAGER_FLAGS, '--kube-api-qps', '0.005']),
    first:
      'warning SignerSlow Signer: at --kube-api-qps=0.005 it takes about 500 s to issue certificates for 3 nodes',
  },
  {
    title: 'an API server that verifies no kubelet',
    by: (cluster) => apiServer(cluster, [API_SERVER_FLAGS[0] ?? '', API_SERVER_FLAGS[2] ?? '']),
    first:
      'warning KubeletsNotVerified Pod kube-system/kube-apiserver-cp-1: --kubelet-certificate-authority is not set',
  },
  {
    title: 'a flag that the next upgrade drops',
    by: (cluster) =>
      cluster.put(
        'configMaps',
        objects.configMap('kubeadm-config', { ClusterConfiguration: 'apiServer: {}\n' }),
      ),
    first:
      'warning UpgradeDropsFlag ConfigMap kube-system/kubeadm-config: apiServer.extraArgs lacks kubelet-certificate-authority, which all API servers have',
  },
  {
    title: 'new nodes that will join without bootstrap',
    by: (cluster) =>
      cluster.put(
        'configMaps',
        objects.configMap('kubelet-config', { kubelet: 'rotateCertificates: true\n' }),
      ),
    first:
      'warning NewNodesWithoutBootstrap ConfigMap kube-system/kubelet-config: serverTLSBootstrap is not true, and 3 kubelets serve certificates of the cluster',
  },
  {
    title: 'kubelets that do not renew their client certificates',
    by: (cluster) =>
      cluster.put(
        'configMaps',
        objects.configMap('kubelet-config', { kubelet: 'serverTLSBootstrap: true\n' }),
      ),
    first: 'warning ClientRotationOff ConfigMap kube-system/kubelet-config: rotateCertificates is not true',
  },
  {
    title: 'the feature gate of serving certificates off',
    by: (cluster) => {
      const kubelet = `${objects.KUBELET_CONFIGURATION}featureGates: { RotateKubeletServerCertificate: false }\n`
      cluster.put('configMaps', objects.configMap('kubelet-config', { kubelet }))
    },
    first:
      'warning RotationGateOff ConfigMap kube-system/kubelet-config: featureGates has RotateKubeletServerCertificate: false',
  },
  {
    title: 'NodeRestriction off',
    by: (cluster) => cluster.answerDryRun('nodes', 'admitted'),
    first:
      'critical NodeRestrictionOff NodeRestriction: a dry run as a node could create the Node of another',
  },
  {
    title: 'NodeRestriction off, where impersonation is not permitted',
    by: (cluster) => {
      const message =
        'users "system:node:kubelet-csr-gate-doctor-1" is forbidden: User "jane" cannot impersonate'
      cluster.answerDryRun('nodes', { code: 403, reason: 'Forbidden', message })
      apiServer(cluster, API_SERVER_FLAGS.slice(1))
    },
    first:
      'critical NodeRestrictionOff Pod kube-system/kube-apiserver-cp-1: --enable-admission-plugins= does not name NodeRestriction',
  },
  {
    title: 'all nodes may approve',
    by: (cluster) => cluster.put('bindings', objects.binding('leftover', 'cluster-admin', NODES_GROUP)),
    first:
      'critical WideGroupMayApprove Group system:nodes: the ClusterRoleBinding leftover gives it approve for kubernetes.io/kubelet-serving',
  },
  {
    title: 'all nodes may approve but for one right',
    by: (cluster) => cluster.put('bindings', objects.binding('leftover', 'approve', NODES_GROUP)),
    first:
      'warning HalfGranted Group system:nodes: the ClusterRoleBinding leftover gives it approve for kubernetes.io/kubelet-serving, but may not write certificatesigningrequests/approval',
  },
  {
    title: 'one node may approve',
    by: (cluster) =>
      cluster.put(
        'bindings',
        objects.binding('oops', 'cluster-admin', { kind: 'User', name: 'system:node:w-1' }),
      ),
    first:
      'critical NodeMayApprove User system:node:w-1: the ClusterRoleBinding oops gives it approve for kubernetes.io/kubelet-serving',
  },
  {
    title: "alex1989hu's approver beside",
    by: (cluster) =>
      cluster.put(
        'deployments',
        objects.workload('approver', 'other', 'ghcr.io/alex1989hu/kubelet-serving-cert-approver:main'),
      ),
    first:
      'warning ApproverChecksNoNames Deployment other/approver: its image is of alex1989hu/kubelet-serving-cert-approver',
  },
  {
    title: "postfinance's approver beside",
    by: (cluster) =>
      cluster.put(
        'deployments',
        objects.workload('pf', 'other', 'ghcr.io/postfinance/kubelet-csr-approver:v1.2.10'),
      ),
    first:
      'warning OtherApproverBeside Deployment other/pf: its image is of postfinance/kubelet-csr-approver',
  },
  {
    title: 'an approver without a ready pod',
    by: (cluster) => cluster.edit('deployments', 'kubelet-csr-gate', () => ({ status: {} })),
    first: 'warning ApproverNotReady Deployment gate/kubelet-csr-gate: none of its pods is ready',
  },
  {
    title: 'a webhook that cannot be called, with failurePolicy Fail',
    by: (cluster) =>
      cluster.answerDryRun('csrs', {
        code: 500,
        reason: 'InternalError',
        message:
          'Internal error occurred: failed calling webhook "webhook.kubelet-csr-gate.io": connection refused',
      }),
    first:
      'critical WebhookFails ValidatingWebhookConfiguration kubelet-csr-gate: Internal error occurred: failed calling webhook "webhook.kubelet-csr-gate.io": connection refused',
  },
  {
    title: 'a webhook that is passed over',
    by: (cluster) => cluster.answerDryRun('csrs', 'admitted'),
    first:
      'warning WebhookPassedOver ValidatingWebhookConfiguration kubelet-csr-gate: a dry-run CSR of a user who is no node was admitted; failurePolicy is Ignore',
  },
  {
    title: 'a caBundle that does not verify the webhook',
    by: async (cluster) => {
      const caBundle = encoded((await createAuthority('another')).certPem)
      cluster.edit('webhooks', 'kubelet-csr-gate', () => ({
        webhooks: [{ name: objects.WEBHOOK, clientConfig: { service: { namespace: 'gate' }, caBundle } }],
      }))
    },
    first:
      'critical BundleMismatch ValidatingWebhookConfiguration kubelet-csr-gate: no CA in its caBundle signed the certificate in its Secret',
  },
  {
    title: 'a webhook that failed open',
    by: (cluster) => {
      cluster.failedOpen = 7
    },
    first:
      'warning FailedOpen ValidatingWebhookConfiguration kubelet-csr-gate: the API server that answered admitted 7 CSRs without it since its start',
  },
  {
    title: 'an API server whose clock is behind',
    by: (cluster) => {
      cluster.api.clockAheadMs = -630_000
    },
    first: 'warning ClockDiffers Clock of this machine: it is 10m ahead of the clock of the API server',
  },
]

async function findingsOf(cluster: FakeCluster): Promise<string[]> {
  const findings = diagnose(await cluster.facts())
  return findings.map(({ severity, id, subject, evidence }) => `${severity} ${id} ${subject}: ${evidence}`)
}

for (const { title, by, first } of broken) {
  test(`the first finding is the cause: ${title}`, async () => {
    await using cluster = await FakeCluster.start()
    await by(cluster)
    const [found = ''] = await findingsOf(cluster)
    if (typeof first === 'string') assert.equal(found, first)
    else assert.match(found, first)
  })
}

/** Clusters in good order, and the first finding, which is only for information. */
const healthy: readonly Broken[] = [
  {
    title: 'kubeadm with one CA for all',
    by: () => undefined,
    first:
      'info SharedCa CA of kubelets: CN=fake-api-ca signed certificates of kubelets, and this kubeconfig and all pods verify the API server by it',
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
      'info SharedCa CA of kubelets: CN=fake-api-ca signed certificates of kubelets, and this kubeconfig and all pods verify the API server by it',
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
