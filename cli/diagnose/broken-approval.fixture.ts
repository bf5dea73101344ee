import { encoded } from '../../server/json.ts'
import { createAuthority } from '../../test/kit/pki.ts'
import type { Broken } from './broken.fixture.ts'
import * as objects from './cluster-objects.fixture.ts'

const { csrObject } = objects
const NODES_GROUP = { kind: 'Group', name: 'system:nodes' }

/** What may be wrong between a CSR and its approval. */
export const brokenApprovals: readonly Broken[] = [
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
    first: 'critical CsrPending Node w-2: csr-w2 has been pending for 5m',
  },
  {
    title: 'CSRs and no approver',
    by: (cluster) => {
      cluster.remove('deployments', 'kubelet-csr-gate')
      cluster.put('csrs', csrObject('csr-w2', 'w-2', null, { seconds: 1_000 }))
    },
    first:
      'warning NoApprover Approvers: 1 CSR is pending, and no Deployment or DaemonSet has the image of a known approver',
  },
  {
    title: 'CSRs of kubelets without a certificate, and no approver',
    by: async (cluster) => {
      cluster.remove('deployments', 'kubelet-csr-gate')
      cluster.put('csrs', csrObject('csr-w2', 'w-2', null))
      await cluster.answer('w-2', 'internalError')
    },
    first:
      'critical NoApprover Approvers: 1 CSR is pending, and no Deployment or DaemonSet has the image of a known approver',
  },
  {
    title: 'CSRs of kubelets without a certificate, and an approver without a ready pod',
    by: async (cluster) => {
      cluster.edit('deployments', 'kubelet-csr-gate', () => ({ status: {} }))
      cluster.put('csrs', csrObject('csr-w2', 'w-2', null))
      await cluster.answer('w-2', 'internalError')
    },
    first: 'critical ApproverNotReady Deployment gate/kubelet-csr-gate: none of its pods is ready',
  },
  {
    title: 'CSRs of kubelets without a certificate, and a policy that approves nothing',
    by: async (cluster) => {
      cluster.put('policies', objects.policyObject({ policy: { mode: 'dryRun' } }))
      cluster.answerDryRun('csrs', 'admitted')
      cluster.put('csrs', csrObject('csr-w2', 'w-2', null))
      await cluster.answer('w-2', 'internalError')
    },
    first: 'critical DryRun Approvers: 1 CSR is pending, and policy.mode of kubelet-csr-gate is dryRun',
  },
  {
    title: 'a CSR of a pool whose CSRs are never approved',
    by: async (cluster) => {
      const pools = [{ name: 'edge', nodes: ['w-2'], mode: 'dryRun' }]
      cluster.put('policies', objects.policyObject({ policy: { pools } }))
      cluster.put('csrs', csrObject('csr-w2', 'w-2', null))
      await cluster.answer('w-2', 'internalError')
    },
    first:
      'critical DryRun Approvers: 1 CSR is pending, and the mode of pool edge of kubelet-csr-gate is dryRun',
  },
  {
    title: 'CSRs, and of kubelet-csr-gate only the webhook',
    by: (cluster) => {
      const image = 'example.com/kubelet-csr-gate:0.1.0'
      cluster.put('deployments', objects.workload('kubelet-csr-gate', 'gate', image, ['--component=webhook']))
      cluster.put('csrs', csrObject('csr-w2', 'w-2', null, { seconds: 1_000 }))
    },
    first:
      'warning NoApprover Approvers: 1 CSR is pending, and no Deployment or DaemonSet has the image of a known approver',
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
    title: 'a caBundle with another CA, where the Secret is not visible',
    by: (cluster) => {
      cluster.remove('secrets', 'kubelet-csr-gate-tls')
      const because = 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
      const message = `Internal error occurred: failed calling webhook "webhook.kubelet-csr-gate.io": ${because}`
      cluster.answerDryRun('csrs', { code: 500, reason: 'InternalError', message })
    },
    first: /^critical BundleMismatch .*certificate signed by unknown authority$/u,
  },
  {
    title: 'a webhook that is passed over',
    by: (cluster) => cluster.answerDryRun('csrs', 'admitted'),
    first:
      'warning WebhookPassedOver ValidatingWebhookConfiguration kubelet-csr-gate: a dry-run CSR of a user who is no node was admitted; failurePolicy is Ignore',
  },
  {
    title: 'a webhook whose configuration was deleted',
    by: (cluster) => {
      const image = 'example.com/kubelet-csr-gate:0.1.0'
      cluster.put('deployments', objects.workload('kubelet-csr-gate', 'gate', image, ['--component=webhook']))
      cluster.remove('webhooks', 'kubelet-csr-gate')
    },
    first:
      'warning WebhookUnregistered Deployment gate/kubelet-csr-gate: it serves the webhook, and no ValidatingWebhookConfiguration has webhook.kubelet-csr-gate.io',
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
      cluster.api.server.clockAheadMs = -630_000
    },
    first: 'warning ClockDiffers Clock of this machine: it is 10m ahead of the clock of the API server',
  },
]
