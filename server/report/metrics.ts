import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * The metrics of kubelet-csr-gate, from which the reference is generated. Names and labels are a contract with dashboards.
 * `component` is the component that a metric is about; for the whole process, those that it runs: `webhook`, `controller`
 * or `both`. Names that other programs use too have the labels that they have there. The name of a Node or a CSR is
 * never a label.
 */

/** From half a millisecond to past the webhook's timeout of 3 s. */
const answerSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
/** To 15 min: how long a kubelet waits before it asks again. */
const decisionSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900]

export const metricTable = {
  decisions: counter(
    'kubelet_csr_gate_decisions_total',
    ['component', 'verdict', 'reason'],
    'Decisions, by component, verdict and reason code. In mode dryRun, which approves nothing, they are only reported.',
  ),
  toldApprovals: counter(
    'kubelet_csr_gate_told_approvals_total',
    ['component', 'code'],
    'Approvals with a warning, by check: the name or address is unproven, or was granted to another Node before.',
  ),
  timeToDecision: histogram(
    'kubelet_csr_gate_time_to_decision_seconds',
    ['component', 'verdict'],
    'Seconds from the creation of a CSR until it was approved (approve) or denied (deny).',
    decisionSeconds,
  ),
  pending: gauge(
    'kubelet_csr_gate_pending_csrs',
    ['component'],
    'Stored kubelet-serving CSRs that are neither approved nor denied.',
  ),
  oldestPending: gauge(
    'kubelet_csr_gate_oldest_pending_seconds',
    ['component'],
    'Age in seconds of the oldest pending CSR, 0 if there is none.',
  ),
  approvable: gauge(
    'kubelet_csr_gate_approvable_csrs',
    ['component'],
    'Pending CSRs that the controller may still approve: not judged yet, with unknown facts, with an approval to be written, or within policy.patienceSeconds. 0 in a pod that does not lead.',
  ),
  oldestApprovable: gauge(
    'kubelet_csr_gate_oldest_approvable_seconds',
    ['component'],
    'Age in seconds of the oldest pending CSR that may still be approved, 0 if there is none.',
  ),
  mismatches: counter(
    'kubelet_csr_gate_issued_mismatches_total',
    ['component', 'field'],
    'Issued certificates that differ from the approved request, by what differs.',
  ),
  unissued: gauge(
    'kubelet_csr_gate_unissued_csrs',
    ['component'],
    'CSRs that kubelet-csr-gate approved and the signer has not issued.',
  ),
  oldestUnissued: gauge(
    'kubelet_csr_gate_oldest_unissued_seconds',
    ['component'],
    'Seconds since the approval of the oldest unissued CSR, 0 if there is none.',
  ),
  sharedCa: gauge(
    'kubelet_csr_gate_shared_ca_info',
    ['component', 'shared_ca'],
    '1. The label shared_ca says whether the CA of kubelet-serving certificates also verifies the API server: true, false or unknown.',
  ),
  shed: counter(
    'kubelet_csr_gate_requests_shed_total',
    ['component'],
    'Requests answered with 503 and Retry-After because too many were in flight.',
  ),
  webhookLatency: histogram(
    'kubelet_csr_gate_request_duration_seconds',
    ['component'],
    'Seconds from the arrival of a request at the webhook until its answer was sent.',
    answerSeconds,
  ),
  webhookRequests: counter(
    'kubelet_csr_gate_requests_total',
    ['component', 'code'],
    'HTTP answers of the webhook, by status code. A refused CSR counts as 200, too.',
  ),
  webhookInFlight: gauge(
    'kubelet_csr_gate_requests_in_flight',
    ['component'],
    'Requests that the webhook is working on.',
  ),
  webhookPanics: counter(
    'kubelet_csr_gate_panics_total',
    ['component'],
    'Internal errors while a request was answered. Please report each.',
  ),
  queueDepth: gauge('workqueue_depth', ['name'], 'CSRs in the queue of the controller.'),
  queueAdds: counter('workqueue_adds_total', ['name'], 'CSRs added to the queue.'),
  queueRetries: counter('workqueue_retries_total', ['name'], 'CSRs added to the queue again, to be retried.'),
  queueWait: histogram(
    'workqueue_queue_duration_seconds',
    ['name'],
    'Seconds that a CSR waited in the queue after it was due.',
    decisionSeconds,
  ),
  queueWork: histogram(
    'workqueue_work_duration_seconds',
    ['name'],
    'Seconds that the controller worked on a CSR.',
    answerSeconds,
  ),
  queueUnfinished: gauge(
    'workqueue_unfinished_work_seconds',
    ['name'],
    'Total seconds spent so far on CSRs in progress. It grows while work is stuck.',
  ),
  queueLongest: gauge(
    'workqueue_longest_running_processor_seconds',
    ['name'],
    'Seconds spent so far on the CSR that has been in progress the longest.',
  ),
  apiRequests: counter(
    'rest_client_requests_total',
    ['method', 'code'],
    'Requests to the API server, by method and status code. <error>: no answer.',
  ),
  leader: gauge(
    'leader_election_master_status',
    ['name'],
    '1 while this replica holds the Lease and approves CSRs, else 0.',
  ),
  watchRestarts: counter(
    'kubelet_csr_gate_watch_restarts_total',
    ['component', 'list', 'reason'],
    'Watches that were started again, by list and reason.',
  ),
  watchLastEvent: gauge(
    'kubelet_csr_gate_watch_last_event_timestamp_seconds',
    ['component', 'list'],
    'Unix time at which a list, an event or a bookmark last arrived.',
  ),
  probes: counter(
    'kubelet_csr_gate_address_probes_total',
    ['component', 'saw'],
    'Addresses that were dialled, by what was seen: certificate, noCertificate, other or nothing.',
  ),
  probeDuration: histogram(
    'kubelet_csr_gate_address_probe_duration_seconds',
    ['component'],
    'Seconds that it took to dial an address.',
    answerSeconds,
  ),
  probesInProgress: gauge(
    'kubelet_csr_gate_address_probes_in_progress',
    ['component'],
    'Addresses that are being dialled.',
  ),
  probesBlind: gauge(
    'kubelet_csr_gate_address_probes_blind',
    ['component'],
    '1 while no kubelet answers at any address, else 0.',
  ),
  certificateExpiry: gauge(
    'kubelet_csr_gate_certificate_expiration_timestamp_seconds',
    ['component'],
    'Unix time at which the serving certificate of the webhook expires.',
  ),
  certificateReads: counter(
    'certwatcher_read_certificate_total',
    [],
    'Times that a new serving certificate was read, valid or not.',
  ),
  certificateErrors: counter(
    'certwatcher_read_certificate_errors_total',
    [],
    'Serving certificates that could not be used. The last valid one stays in use.',
  ),
  policy: gauge(
    'kubelet_csr_gate_policy_info',
    ['component', 'hash', 'mode'],
    '1, by hash and mode of the policy in force. The log line of each decision has the hash, too. `dryRun` approves nothing.',
  ),
  policyReloads: counter(
    'kubelet_csr_gate_policy_reloads_total',
    ['component', 'result'],
    'Changes of the policy file, by result: ok, or faults if the change was not applied.',
  ),
  policyGood: gauge(
    'kubelet_csr_gate_policy_last_reload_successful',
    ['component'],
    '0 while the policy file has faults and the last valid policy stays in force, else 1.',
  ),
  inventoryGood: gauge(
    'kubelet_csr_gate_inventory_last_reload_successful',
    ['component'],
    '0 while the inventory has faults or a ConfigMap is missing, and the last valid one, if any, stays in force; else 1.',
  ),
  eventsDropped: counter(
    'kubelet_csr_gate_events_dropped_total',
    ['component'],
    'Events that were not written: too many were waiting (32 for approvals, 2,000 for the others), or the API server refused.',
  ),
  ledgerNodes: gauge(
    'kubelet_csr_gate_ledger_nodes',
    ['component'],
    'Node objects in the ledger, including deleted ones.',
  ),
  ledgerUnreadable: gauge(
    'kubelet_csr_gate_ledger_unreadable_shards',
    ['component'],
    'ConfigMaps of the ledger that cannot be read. New names and addresses of their Nodes are not approved.',
  ),
  ledgerWrites: counter(
    'kubelet_csr_gate_ledger_writes_total',
    ['component', 'result'],
    'Writes to the ledger, by result: written, conflict (read again, and written later) or failed.',
  ),
  unproven: gauge(
    'kubelet_csr_gate_unproven_addresses',
    ['component'],
    'Addresses that Nodes were granted and that never answered as that Node.',
  ),
  longestStall: gauge(
    'kubelet_csr_gate_event_loop_longest_stall_seconds',
    ['component'],
    'The longest time since the start in which the process did no work at all: no answer, no probe, no renewal.',
  ),
  logLinesDropped: counter(
    'kubelet_csr_gate_log_lines_dropped_total',
    ['component'],
    'Log lines that were not written, because nobody read the output of the process.',
  ),
  build: gauge(
    'kubelet_csr_gate_build_info',
    ['component', 'version', 'node'],
    '1, by version of kubelet-csr-gate and of Node.js.',
  ),
} as const

function counter<const Label extends string>(name: string, labels: readonly Label[], help: string) {
  return { kind: 'counter', name, labels, help } as const
}

function gauge<const Label extends string>(name: string, labels: readonly Label[], help: string) {
  return { kind: 'gauge', name, labels, help } as const
}

/** `buckets`: upper bounds, in seconds. */
function histogram<const Label extends string>(
  name: string,
  labels: readonly Label[],
  help: string,
  buckets: number[],
) {
  return { kind: 'histogram', name, labels, help, buckets } as const
}

type MetricOf<Kind, Label extends string> = Kind extends 'counter'
  ? Counter<Label>
  : Kind extends 'gauge'
    ? Gauge<Label>
    : Histogram<Label>

type Table = typeof metricTable
export type Metrics = {
  readonly [Key in keyof Table]: MetricOf<Table[Key]['kind'], Table[Key]['labels'][number]>
}

/** Makes every metric of the table. */
export function registerTable(registry: Registry): Metrics
export function registerTable(registry: Registry): Readonly<Record<string, Counter | Gauge | Histogram>> {
  const made = Object.entries(metricTable).map(([key, row]) => [key, metricOf(row, registry)] as const)
  return Object.fromEntries(made)
}

function metricOf(row: Table[keyof Table], registry: Registry): Counter | Gauge | Histogram {
  const { name, help, labels: labelNames } = row
  const options = { name, help, labelNames, registers: [registry] }
  if (row.kind === 'counter') return new Counter(options)
  return row.kind === 'gauge' ? new Gauge(options) : new Histogram({ ...options, buckets: row.buckets })
}

/**
 * Of the runtime's own metrics, those that an operator of this program needs. The heap's total and the user's CPU time are
 * among them because prom-client sets the heap in use and the whole CPU time only while it collects those two.
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

/** Makes a registry of them. */
export function runtimeRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const { name } of registry.getMetricsAsArray())
    if (!runtimeMetrics.includes(name)) registry.removeSingleMetric(name)
  return registry
}
