/** The CSRs that kubelet-csr-gate decides about. */
export const csrList = {
  title: 'CSRs',
  path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
  fieldSelector: 'spec.signerName=kubernetes.io/kubelet-serving',
} as const
