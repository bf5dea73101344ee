import { answerSeconds, type MetricRow } from './metric-row.ts'

/** What the controller sees when it dials addresses. */
export const probeMetricTable = {
  probes: {
    name: 'kubelet_csr_gate_address_probes_total',
    kind: 'counter',
    help: 'Addresses that were dialled, by what was seen: certificate, noCertificate, other or nothing.',
    labels: ['component', 'saw'],
  },
  probeDuration: {
    name: 'kubelet_csr_gate_address_probe_duration_seconds',
    kind: 'histogram',
    help: 'Seconds that it took to dial an address.',
    labels: ['component'],
    buckets: answerSeconds,
  },
  probesInProgress: {
    name: 'kubelet_csr_gate_address_probes_in_progress',
    kind: 'gauge',
    help: 'Addresses that are being dialled.',
    labels: ['component'],
  },
  probesBlind: {
    name: 'kubelet_csr_gate_address_probes_blind',
    kind: 'gauge',
    help: '1 while no kubelet answers at any address, so that probes do not count, else 0.',
    labels: ['component'],
  },
} as const satisfies Record<string, MetricRow>
