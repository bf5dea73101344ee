import { MAX_AGE_MS } from '../../server/facts/freshness.ts'
import { metricTable as ours } from '../../server/report/metrics.ts'
import { glance, outcome } from './outcome.ts'
import {
  above,
  below,
  nonZero,
  our,
  type Panel,
  panel,
  perSecond,
  quantiles,
  rate,
  selected,
} from './panel.ts'

/** A metric of API servers about our webhook: k8s.io/apiserver, pkg/admission/metrics. */
const apiServer = (name: string, labels = ''): string =>
  selected(`apiserver_admission_${name}`, `name="webhook.kubelet-csr-gate.io"${labels && `,${labels}`}`)

/** The series of a histogram: `_bucket`, or `_sum`, whose rate is the mean number in progress. */
const seriesOf = ({ name }: { readonly name: string }, part: 'bucket' | 'sum', labels = ''): string =>
  our(`${name}_${part}`, labels)

const overview: readonly Panel[] = [
  panel(
    'Pods and leaders',
    'short',
    'Pods by what they run. In each release, exactly one leads and approves.',
    {
      '{{component}}': `count by (component) (${our(ours.build)})`,
      leaders: `sum(${our(ours.leader)})`,
    },
  ),
  below(
    [300, 900],
    panel(
      'Oldest pending CSR that may be approved',
      's',
      'A conforming CSR is decided within 30 s. A kubelet gives up after 15 min.',
      { '{{cluster}} {{namespace}}': `max by (cluster, namespace) (${our(ours.oldestApprovable)})` },
    ),
  ),
  panel('Pending CSRs', 'short', 'Stored CSRs that are neither approved nor denied, and the oldest.', {
    pending: `max(${our(ours.pending)})`,
    'may be approved': `max(${our(ours.approvable)})`,
    'hours of the oldest': `max(${our(ours.oldestPending)}) / 3600`,
  }),
  above(
    [7, 1],
    panel('Webhook certificate', 'suffix:days', 'Days until it expires; the earliest of all pods.', {
      'days left': `(min(${our(ours.certificateExpiry)} > 0) - time()) / 86400`,
    }),
  ),
]

const decisions: readonly Panel[] = [
  panel('Verdicts', 'ops', 'Decisions by component and verdict.', {
    '{{component}} {{verdict}}': perSecond(our(ours.decisions), 'component, verdict'),
  }),
  panel('Reasons for not approving', 'ops', 'The ten most frequent. policies/README.md explains each.', {
    '{{reason}}': `topk(10, ${nonZero(perSecond(our(ours.decisions, 'verdict!="approve"'), 'reason'))})`,
  }),
  panel('Time to approval', 's', 'From the creation of a CSR until it was approved.', {
    ...quantiles(seriesOf(ours.timeToDecision, 'bucket', 'verdict="approve"')),
  }),
  below(
    [300],
    panel(
      'Oldest CSR without certificate',
      's',
      'Approved, and not issued by the signer. Seconds are normal.',
      {
        oldest: `max(${our(ours.oldestUnissued)})`,
      },
    ),
  ),
  panel('CSRs without certificate', 'short', 'Approved, and not issued by the signer.', {
    count: `max(${our(ours.unissued)})`,
  }),
  panel('Mismatches', 'ops', 'Issued certificates that are not what was approved, by what differs.', {
    '{{field}}': nonZero(perSecond(our(ours.mismatches), 'field')),
  }),
  panel('CA of kubelets', 'short', 'Pods by whether it also verifies the API server.', {
    'shared: {{shared_ca}}': `count by (shared_ca) (${our(ours.sharedCa)})`,
  }),
  panel(
    'Policy',
    'short',
    'Pods by the hash of their policy, and pods whose policy file or inventory has faults.',
    {
      '{{hash}}': `count by (hash) (${our(ours.policy)})`,
      'faulty file': `sum(1 - ${our(ours.policyGood)})`,
      'faulty inventory': `sum(1 - ${our(ours.inventoryGood)})`,
    },
  ),
]

const webhook: readonly Panel[] = [
  panel('Calls, as API servers count them', 'ops', 'By HTTP code of the answer to the client.', {
    '{{code}} refused={{rejected}}': perSecond(apiServer('webhook_request_total'), 'code, rejected'),
  }),
  panel('Failed calls', 'ops', 'The webhook did not answer: CSRs admitted (Ignore) or refused (Fail).', {
    admitted: `sum(${rate(apiServer('webhook_fail_open_count'))})`,
    // an ordinary refusal counts as a rejection, too, with `no_error`
    '{{error_type}}': perSecond(apiServer('webhook_rejection_count', 'error_type!="no_error"'), 'error_type'),
    'match conditions': `sum(${rate(apiServer('match_condition_evaluation_errors_total'))})`,
  }),
  below(
    [0.5],
    panel(
      'Latency, as API servers measure it',
      's',
      'Includes the network and the TLS handshake.',
      quantiles(apiServer('webhook_admission_duration_seconds_bucket')),
    ),
  ),
  panel(
    'Latency in the webhook',
    's',
    'From the arrival of a request until its answer was sent.',
    quantiles(seriesOf(ours.webhookLatency, 'bucket')),
  ),
  panel('Answers of the webhook', 'ops', 'By HTTP code. 200 is every answered review, refusals included.', {
    '{{code}}': perSecond(our(ours.webhookRequests), 'code'),
    shed: `sum(${rate(our(ours.shed))})`,
    panics: `sum(${rate(our(ours.webhookPanics))})`,
  }),
  panel('Requests in flight', 'none', 'The mean by pod, and the most at a scrape.', {
    '{{pod}}': perSecond(seriesOf(ours.webhookLatency, 'sum'), 'pod'),
    'at a scrape': `max(${our(ours.webhookInFlight)})`,
  }),
]

const controller: readonly Panel[] = [
  panel('Queue', 'none', 'CSRs in the queue: the mean, and the depth at a scrape.', {
    mean: perSecond(seriesOf(ours.queueWait, 'sum'), 'job'),
    'at a scrape': `max(${our(ours.queueDepth)})`,
  }),
  panel('Queue additions and retries', 'ops', 'CSRs added to the queue, and added again to retry.', {
    added: `sum(${rate(our(ours.queueAdds))})`,
    retried: `sum(${rate(our(ours.queueRetries))})`,
  }),
  panel('Time in the queue', 's', 'Once a CSR was due.', quantiles(seriesOf(ours.queueWait, 'bucket'))),
  panel('Time to reconcile', 's', 'Of a CSR; and of those still in progress.', {
    ...quantiles(seriesOf(ours.queueWork, 'bucket')),
    'longest in progress': `max(${our(ours.queueLongest)})`,
    'total in progress': `sum(${our(ours.queueUnfinished)})`,
  }),
  below(
    [MAX_AGE_MS / 1_000, 300],
    panel(
      'Silence of watches',
      's',
      'API servers send at least once a minute. After 75 s the list is read again.',
      {
        '{{component}} {{list}}': `time() - max by (component, list) (${our(ours.watchLastEvent)})`,
      },
    ),
  ),
  panel('Watch restarts', 'ops', 'By reason: closed or refused by the server, or silent.', {
    '{{reason}}': perSecond(our(ours.watchRestarts), 'reason'),
  }),
  panel('Requests to the API server', 'ops', 'By method and status code. <error> is no answer.', {
    '{{method}} {{code}}': nonZero(perSecond(our(ours.apiRequests), 'method, code')),
  }),
  panel('Addresses dialled', 'ops', 'By what was seen, and those in progress at a scrape.', {
    '{{saw}}': perSecond(our(ours.probes), 'saw'),
    'in progress': `sum(${our(ours.probesInProgress)})`,
  }),
  panel('Time to dial an address', 's', 'No kubelet answers anywhere while `blind` is 1.', {
    ...quantiles(seriesOf(ours.probeDuration, 'bucket')),
    blind: `max(${our(ours.probesBlind)})`,
  }),
  panel(
    'Ledger',
    'short',
    'Nodes in it, their addresses that never answered, and its ConfigMaps that cannot be read.',
    {
      Nodes: `max(${our(ours.ledgerNodes)})`,
      'unproven addresses': `max(${our(ours.unproven)})`,
      unreadable: `max(${our(ours.ledgerUnreadable)})`,
    },
  ),
  panel(
    'Approvals with a warning',
    'ops',
    'What was granted is unproven, or was granted to another Node before.',
    {
      '{{code}}': nonZero(perSecond(our(ours.toldApprovals), 'code')),
    },
  ),
  panel('Writes of the ledger', 'ops', 'By result. None while nothing is granted.', {
    '{{result}}': perSecond(our(ours.ledgerWrites), 'result'),
  }),
  panel(
    'Events and log lines dropped',
    'ops',
    'The API server refused, or nobody reads the output of a pod.',
    {
      Events: `sum(${rate(our(ours.eventsDropped))})`,
      'log lines': `sum(${rate(our(ours.logLinesDropped))})`,
    },
  ),
]

const pods: readonly Panel[] = [
  below(
    [0.2],
    panel('Event-loop lag', 's', 'How long work waits before it runs, p99.', {
      '{{pod}}': `max by (pod) (${our('nodejs_eventloop_lag_p99_seconds')})`,
      '{{pod}} longest stall': `max by (pod) (${our(ours.longestStall)})`,
    }),
  ),
  panel('Memory', 'bytes', 'Resident memory, which includes the heap.', {
    '{{pod}}': `sum by (pod) (${our('process_resident_memory_bytes')})`,
    '{{pod}} heap': `sum by (pod) (${our('nodejs_heap_size_used_bytes')})`,
  }),
  panel('CPU', 'none', 'Cores in use.', { '{{pod}}': perSecond(our('process_cpu_seconds_total'), 'pod') }),
  panel('Garbage collection', 'percentunit', 'Share of time.', {
    '{{kind}}': perSecond(our('nodejs_gc_duration_seconds_sum'), 'kind'),
  }),
  panel('Versions', 'short', 'Pods by version of kubelet-csr-gate and of Node.js.', {
    '{{version}} on {{node}}': `count by (version, node) (${our(ours.build)})`,
  }),
  panel('Certificate reads', 'ops', 'Reads of a changed serving certificate, and those that failed.', {
    reads: `sum(${rate(our(ours.certificateReads))})`,
    failed: `sum(${rate(our(ours.certificateErrors))})`,
  }),
  panel('Policy reloads', 'ops', 'By result.', {
    '{{result}}': perSecond(our(ours.policyReloads), 'result'),
  }),
]

/** Rows in the order of an operator's questions: is it healthy, what came of it, what is decided, and then each part. */
export const rows: Readonly<Record<string, readonly Panel[]>> = {
  'At a glance': glance,
  Outcome: outcome,
  Overview: overview,
  Decisions: decisions,
  Webhook: webhook,
  Controller: controller,
  Pods: pods,
}
