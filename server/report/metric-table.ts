import { ledgerMetrics } from './ledger-metrics.ts'
import { answerSeconds, type MetricRow } from './metric-row.ts'
import { probeMetricTable } from './probe-metric-table.ts'
import { signingMetrics } from './signing-metrics.ts'
import { waitingMetrics } from './waiting-metrics.ts'

/** To 15 min: how long a kubelet waits before it asks again. */
const decisionSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900]

/** Every metric of ours. */
export const metricTable = {
  decisions: {
    name: 'kubelet_csr_gate_decisions_total',
    kind: 'counter',
    help: 'Decisions, by component, verdict and reason code.',
    labels: ['component', 'verdict', 'reason'],
  },
  timeToDecision: {
    name: 'kubelet_csr_gate_time_to_decision_seconds',
    kind: 'histogram',
    help: 'Seconds from the creation of a CSR until it was approved (approve) or denied (deny).',
    labels: ['component', 'verdict'],
    buckets: decisionSeconds,
  },
  ...waitingMetrics,
  ...signingMetrics,
  shed: {
    name: 'kubelet_csr_gate_requests_shed_total',
    kind: 'counter',
    help: 'Requests answered with 503 and Retry-After because too many were in flight.',
    labels: ['component'],
  },
  webhookLatency: {
    name: 'kubelet_csr_gate_request_duration_seconds',
    kind: 'histogram',
    help: 'Seconds from the arrival of a request at the webhook until its answer was sent.',
    labels: ['component'],
    buckets: answerSeconds,
  },
  webhookRequests: {
    name: 'kubelet_csr_gate_requests_total',
    kind: 'counter',
    help: 'HTTP answers of the webhook, by status code. A refused CSR counts as 200, too.',
    labels: ['component', 'code'],
  },
  webhookInFlight: {
    name: 'kubelet_csr_gate_requests_in_flight',
    kind: 'gauge',
    help: 'Requests that the webhook is working on.',
    labels: ['component'],
  },
  webhookPanics: {
    name: 'kubelet_csr_gate_panics_total',
    kind: 'counter',
    help: 'Internal errors while a request was answered. Please report each.',
    labels: ['component'],
  },
  queueDepth: {
    name: 'workqueue_depth',
    kind: 'gauge',
    help: 'CSRs in the queue of the controller.',
    labels: ['name'],
  },
  queueAdds: {
    name: 'workqueue_adds_total',
    kind: 'counter',
    help: 'CSRs added to the queue.',
    labels: ['name'],
  },
  queueRetries: {
    name: 'workqueue_retries_total',
    kind: 'counter',
    help: 'CSRs added to the queue again, to be retried.',
    labels: ['name'],
  },
  queueWait: {
    name: 'workqueue_queue_duration_seconds',
    kind: 'histogram',
    help: 'Seconds that a CSR waited in the queue after it was due.',
    labels: ['name'],
    buckets: decisionSeconds,
  },
  queueWork: {
    name: 'workqueue_work_duration_seconds',
    kind: 'histogram',
    help: 'Seconds that the controller worked on a CSR.',
    labels: ['name'],
    buckets: answerSeconds,
  },
  queueUnfinished: {
    name: 'workqueue_unfinished_work_seconds',
    kind: 'gauge',
    help: 'Total seconds spent so far on CSRs in progress. It grows while work is stuck.',
    labels: ['name'],
  },
  queueLongest: {
    name: 'workqueue_longest_running_processor_seconds',
    kind: 'gauge',
    help: 'Seconds spent so far on the CSR that has been in progress the longest.',
    labels: ['name'],
  },
  apiRequests: {
    name: 'rest_client_requests_total',
    kind: 'counter',
    help: 'Requests to the API server, by method and status code. <error>: no answer.',
    labels: ['method', 'code'],
  },
  leader: {
    name: 'leader_election_master_status',
    kind: 'gauge',
    help: '1 while this replica holds the Lease and approves CSRs, else 0.',
    labels: ['name'],
  },
  watchRestarts: {
    name: 'kubelet_csr_gate_watch_restarts_total',
    kind: 'counter',
    help: 'Watches that were started again, by list and reason.',
    labels: ['component', 'list', 'reason'],
  },
  watchLastEvent: {
    name: 'kubelet_csr_gate_watch_last_event_timestamp_seconds',
    kind: 'gauge',
    help: 'Unix time at which a list, an event or a bookmark last arrived.',
    labels: ['component', 'list'],
  },
  ...probeMetricTable,
  certificateExpiry: {
    name: 'kubelet_csr_gate_certificate_expiration_timestamp_seconds',
    kind: 'gauge',
    help: 'Unix time at which the serving certificate of the webhook expires.',
    labels: ['component'],
  },
  certificateReads: {
    name: 'certwatcher_read_certificate_total',
    kind: 'counter',
    help: 'Times that a new serving certificate was read, valid or not.',
    labels: [],
  },
  certificateErrors: {
    name: 'certwatcher_read_certificate_errors_total',
    kind: 'counter',
    help: 'Serving certificates that could not be used. The last valid one stays in use.',
    labels: [],
  },
  policy: {
    name: 'kubelet_csr_gate_policy_info',
    kind: 'gauge',
    help: '1 for the hash of the policy in force. Every decision carries it, too.',
    labels: ['component', 'hash'],
  },
  policyReloads: {
    name: 'kubelet_csr_gate_policy_reloads_total',
    kind: 'counter',
    help: 'Changes of the policy file, by result: ok, or faults if the change was not applied.',
    labels: ['component', 'result'],
  },
  policyGood: {
    name: 'kubelet_csr_gate_policy_last_reload_successful',
    kind: 'gauge',
    help: '0 while the policy file has faults and the last valid policy stays in force, else 1.',
    labels: ['component'],
  },
  inventoryGood: {
    name: 'kubelet_csr_gate_inventory_last_reload_successful',
    kind: 'gauge',
    help: '0 while the inventory has faults or a ConfigMap is missing, and the last valid one, if any, stays in force; else 1.',
    labels: ['component'],
  },
  eventsDropped: {
    name: 'kubelet_csr_gate_events_dropped_total',
    kind: 'counter',
    help: 'Events that were not written: too many were waiting (32 for approvals, 2,000 for the others), or the API server refused.',
    labels: ['component'],
  },
  ...ledgerMetrics,
  longestStall: {
    name: 'kubelet_csr_gate_event_loop_longest_stall_seconds',
    kind: 'gauge',
    help: 'The longest time since the start for which the process did nothing at all: no answer, no probe, no renewal.',
    labels: ['component'],
  },
  logLinesDropped: {
    name: 'kubelet_csr_gate_log_lines_dropped_total',
    kind: 'counter',
    help: 'Log lines that were not written, because nobody read the output of the process.',
    labels: ['component'],
  },
  build: {
    name: 'kubelet_csr_gate_build_info',
    kind: 'gauge',
    help: '1, by version of kubelet-csr-gate and of Node.js.',
    labels: ['component', 'version', 'node'],
  },
} as const satisfies Record<string, MetricRow>
