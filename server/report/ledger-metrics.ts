/** The metrics of the ledger, rows of the metric table. */
export const ledgerMetrics = {
  ledgerNodes: {
    name: 'kubelet_csr_gate_ledger_nodes',
    kind: 'gauge',
    help: 'Node objects in the ledger of what was granted, those that are gone included.',
    labels: ['component'],
  },
  ledgerUnreadable: {
    name: 'kubelet_csr_gate_ledger_unreadable_shards',
    kind: 'gauge',
    help: 'ConfigMaps of the ledger that cannot be read. New names and addresses of their Nodes are not approved.',
    labels: ['component'],
  },
  ledgerWrites: {
    name: 'kubelet_csr_gate_ledger_writes_total',
    kind: 'counter',
    help: 'Writes to the ledger, by result: written, conflict (read again, and written later) or failed.',
    labels: ['component', 'result'],
  },
  unproven: {
    name: 'kubelet_csr_gate_unproven_addresses',
    kind: 'gauge',
    help: 'Addresses that Nodes were granted and that never answered as that Node.',
    labels: ['component'],
  },
} as const
