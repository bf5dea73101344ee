/** Metrics about what the signer made of approved CSRs. Rows of the table in metric-table.ts. */
export const signingMetrics = {
  mismatches: {
    name: 'kubelet_csr_gate_issued_mismatches_total',
    kind: 'counter',
    help: 'Issued certificates that differ from the approved request, by what differs.',
    labels: ['component', 'field'],
  },
  unissued: {
    name: 'kubelet_csr_gate_unissued_csrs',
    kind: 'gauge',
    help: 'CSRs that kubelet-csr-gate approved and the signer has not issued.',
    labels: ['component'],
  },
  oldestUnissued: {
    name: 'kubelet_csr_gate_oldest_unissued_seconds',
    kind: 'gauge',
    help: 'Seconds since the approval of the oldest of them, 0 if there is none.',
    labels: ['component'],
  },
  sharedCa: {
    name: 'kubelet_csr_gate_shared_ca_info',
    kind: 'gauge',
    help: '1 for whether the CA of kubelet-serving certificates also verifies the API server: true, false, or unknown.',
    labels: ['component', 'shared_ca'],
  },
} as const
