/** Metrics about CSRs that are neither approved nor denied. Rows of the table in metric-table.ts. */
export const waitingMetrics = {
  pending: {
    name: 'kubelet_csr_gate_pending_csrs',
    kind: 'gauge',
    help: 'Stored kubelet-serving CSRs that are neither approved nor denied.',
    labels: ['component'],
  },
  oldestPending: {
    name: 'kubelet_csr_gate_oldest_pending_seconds',
    kind: 'gauge',
    help: 'Age in seconds of the oldest pending CSR, 0 if there is none.',
    labels: ['component'],
  },
  approvable: {
    name: 'kubelet_csr_gate_approvable_csrs',
    kind: 'gauge',
    help: 'Of the pending CSRs, those that the controller may still approve: not judged yet, with unknown facts, with an approval to be written, or within policy.patienceSeconds. 0 in a pod that does not lead.',
    labels: ['component'],
  },
  oldestApprovable: {
    name: 'kubelet_csr_gate_oldest_approvable_seconds',
    kind: 'gauge',
    help: 'Age in seconds of the oldest of them, 0 if there is none.',
    labels: ['component'],
  },
} as const
