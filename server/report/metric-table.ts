/** Every metric of ours: names and labels are a contract with dashboards. Never a node's or a CSR's name as a label. */
interface MetricRow {
  readonly name: string
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds, in the metric's unit. */
  readonly buckets?: readonly number[]
}

/** From component a millisecond, below which nobody cares, to past the webhook's timeout of 3 s. */
const answerSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
/** To 15 min: how long a kubelet waits before it asks again. */
const decisionSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900]

export const metricTable = {
  decisions: {
    name: 'kubelet_csr_gate_decisions_total',
    kind: 'counter',
    help: 'Decisions told, by the component that judged, the verdict, and the reason code.',
    labels: ['component', 'decision', 'reason'],
  },
  timeToDecision: {
    name: 'kubelet_csr_gate_time_to_decision_seconds',
    kind: 'histogram',
    help: 'From the creation of a CSR until it was approved or denied.',
    labels: ['decision'],
    buckets: decisionSeconds,
  },
  pending: {
    name: 'kubelet_csr_gate_pending_csrs',
    kind: 'gauge',
    help: 'Stored CSRs of this signer that are neither approved nor denied.',
    labels: [],
  },
  oldestPending: {
    name: 'kubelet_csr_gate_oldest_pending_seconds',
    kind: 'gauge',
    help: 'Age of the oldest of them, 0 when there is none.',
    labels: [],
  },
  shed: {
    name: 'kubelet_csr_gate_requests_shed_total',
    kind: 'counter',
    help: 'Reviews answered with 503 and Retry-After because too many were in flight.',
    labels: [],
  },
  webhookLatency: {
    name: 'kubelet_csr_gate_request_duration_seconds',
    kind: 'histogram',
    help: 'From the arrival of a request at the webhook until its answer was sent.',
    labels: [],
    buckets: answerSeconds,
  },
  webhookRequests: {
    name: 'kubelet_csr_gate_requests_total',
    kind: 'counter',
    help: 'HTTP answers of the webhook by status code; 200 is every review that could be answered, refusals too.',
    labels: ['code'],
  },
  webhookInFlight: {
    name: 'kubelet_csr_gate_requests_in_flight',
    kind: 'gauge',
    help: 'Reviews being judged at the webhook.',
    labels: [],
  },
  webhookPanics: {
    name: 'kubelet_csr_gate_panics_total',
    kind: 'counter',
    help: 'Bugs caught while a review was judged or answered. Each is worth a report.',
    labels: [],
  },
  queueDepth: {
    name: 'workqueue_depth',
    kind: 'gauge',
    help: 'CSRs that wait to be judged by the controller.',
    labels: ['name'],
  },
  queueAdds: {
    name: 'workqueue_adds_total',
    kind: 'counter',
    help: 'CSRs put into the queue.',
    labels: ['name'],
  },
  queueRetries: {
    name: 'workqueue_retries_total',
    kind: 'counter',
    help: 'CSRs put back, to be judged again later.',
    labels: ['name'],
  },
  queueWait: {
    name: 'workqueue_queue_duration_seconds',
    kind: 'histogram',
    help: 'How long a CSR waited in the queue once it was due.',
    labels: ['name'],
    buckets: decisionSeconds,
  },
  queueWork: {
    name: 'workqueue_work_duration_seconds',
    kind: 'histogram',
    help: 'How long judging a CSR and acting on it took.',
    labels: ['name'],
    buckets: answerSeconds,
  },
  queueUnfinished: {
    name: 'workqueue_unfinished_work_seconds',
    kind: 'gauge',
    help: 'How long all CSRs that are being judged have been so, in sum. It grows while some are stuck.',
    labels: ['name'],
  },
  queueLongest: {
    name: 'workqueue_longest_running_processor_seconds',
    kind: 'gauge',
    help: 'How long the one of them that was begun first has been so.',
    labels: ['name'],
  },
  apiRequests: {
    name: 'rest_client_requests_total',
    kind: 'counter',
    help: 'Requests to the API server by verb and status code; <error> is no answer.',
    labels: ['method', 'code'],
  },
  leader: {
    name: 'leader_election_master_status',
    kind: 'gauge',
    help: '1 while this replica holds the Lease and so approves.',
    labels: ['name'],
  },
  watchRestarts: {
    name: 'kubelet_csr_gate_watch_restarts_total',
    kind: 'counter',
    help: 'Watches that had to be started again, by list and cause.',
    labels: ['list', 'reason'],
  },
  watchLastEvent: {
    name: 'kubelet_csr_gate_watch_last_event_timestamp_seconds',
    kind: 'gauge',
    help: 'When a list, an event or a bookmark last arrived.',
    labels: ['list'],
  },
  certificateExpiry: {
    name: 'kubelet_csr_gate_certificate_expiration_timestamp_seconds',
    kind: 'gauge',
    help: 'When the certificate that the webhook serves expires.',
    labels: [],
  },
  certificateReads: {
    name: 'certwatcher_read_certificate_total',
    kind: 'counter',
    help: 'Times another serving certificate was read, good or not.',
    labels: [],
  },
  certificateErrors: {
    name: 'certwatcher_read_certificate_errors_total',
    kind: 'counter',
    help: 'Serving certificates that could not be used; the one before stays.',
    labels: [],
  },
  policy: {
    name: 'kubelet_csr_gate_policy_info',
    kind: 'gauge',
    help: '1 for the policy in force; its hash is in every decision.',
    labels: ['hash'],
  },
  policyReloads: {
    name: 'kubelet_csr_gate_policy_reloads_total',
    kind: 'counter',
    help: 'Changes of the policy file, by whether it came into force.',
    labels: ['result'],
  },
  policyGood: {
    name: 'kubelet_csr_gate_policy_last_reload_successful',
    kind: 'gauge',
    help: '0 while the policy file has faults and the last good policy stays in force.',
    labels: [],
  },
  eventsDropped: {
    name: 'kubelet_csr_gate_events_dropped_total',
    kind: 'counter',
    help: 'Events that were not written: the queue was full or the API server refused.',
    labels: [],
  },
  build: {
    name: 'kubelet_csr_gate_build_info',
    kind: 'gauge',
    help: '1, by version of this program and of Node.',
    labels: ['version', 'node'],
  },
} as const satisfies Record<string, MetricRow>

/**
 * Of the runtime's own metrics, those that an operator of this program needs; and the heap's total and the user's CPU time,
 * since prom-client sets the heap in use and all CPU time only while it collects those.
 */
export const runtimeMetrics: readonly string[] = [
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_gc_duration_seconds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'process_cpu_seconds_total',
  'process_cpu_user_seconds_total',
  'process_open_fds',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
]
