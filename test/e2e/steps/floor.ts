/** An admission policy that refuses what kubelets ask: their servers run and answer, and no CSR of theirs is stored. */
import type { Cluster } from '../../kubeadm/cluster.ts'
import { apply, kubectl } from '../../kubeadm/kubectl.ts'

const NAME = 'kubelets-may-not-ask'
const API = 'admissionregistration.k8s.io/v1'
const RULE = {
  apiGroups: ['certificates.k8s.io'],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources: ['certificatesigningrequests'],
}

/** Refuses the CSRs of one node, or of all. */
export async function refuseCsrs(cluster: Cluster, node?: string): Promise<void> {
  const asks = "object.spec.signerName == 'kubernetes.io/kubelet-serving'"
  const whose = node === undefined ? '' : ` && request.userInfo.username == 'system:node:${node}'`
  await apply(cluster, {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAME },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: { resourceRules: [RULE] },
      validations: [{ expression: `!(${asks}${whose})` }],
    },
  })
  const spec = { policyName: NAME, validationActions: ['Deny'] }
  await apply(cluster, {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: NAME },
    spec,
  })
}

export async function admitCsrs(cluster: Cluster): Promise<void> {
  await kubectl(cluster, ['delete', 'validatingadmissionpolicy,validatingadmissionpolicybinding', NAME])
}
