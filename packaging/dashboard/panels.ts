import { metricTable as ours } from '../../server/report/metric-table.ts'
import { gatePanels, loopPanels } from './components.ts'
import { type Panel, panel } from './panel.ts'
import { JOB, our, perSecond, quantiles, query, RATE, seen } from './promql.ts'

const APPROVED = '{job="kubelet-csr-gate",decision="approved"}'

/** Row by row, what an operator asks in this order: is it well, what is decided, is the webhook well, the controller, the pods. */
export const rows: Readonly<Record<string, readonly Panel[]>> = {
  'Is it well?': [
    panel(
      ['Pods and leader', 'short', 'Pods that Prometheus reaches; one of them leads, which approves.'],
      query('pods', `sum(up${JOB})`),
      query('leaders', `sum(${our(ours.leader)})`),
    ),
    panel(
      [
        'Oldest waiting CSR',
        's',
        'An honest one is decided within 30 s; a kubelet gives up after 15 min.',
        { good: 'below', warning: 300, critical: 900 },
      ],
      query('oldest', `max(${our(ours.oldestPending)})`),
    ),
    panel(
      ['Waiting CSRs', 'short', 'Stored, neither approved nor denied.'],
      query('waiting', `max(${our(ours.pending)})`),
    ),
    panel(
      [
        'Certificate of the webhook',
        'suffix:days',
        'Until it expires, the earliest of all pods.',
        { good: 'above', warning: 7, critical: 1 },
      ],
      query('days left', `(min(${our(ours.certificateExpiry)} > 0) - time()) / 86400`),
    ),
  ],
  Decisions: [
    panel(
      ['Verdicts', 'ops', 'Decisions told, by component and verdict.'],
      query('{{component}} {{decision}}', perSecond(our(ours.decisions), 'component, decision')),
    ),
    panel(
      [
        'Reasons for not approving',
        'ops',
        'The ten most frequent; what each requires is in policies/README.md.',
      ],
      query(
        '{{reason}}',
        `topk(10, ${seen(perSecond(our(ours.decisions, ',decision!="approve"'), 'reason'))})`,
      ),
    ),
    panel(
      [
        'Time to approval',
        's',
        'From the creation of a CSR. One that is denied may have had 30 s to conform.',
      ],
      ...quantiles(ours.timeToDecision.name, APPROVED),
    ),
    panel(
      [
        'Policy in force',
        'short',
        'Pods by the hash of their policy; one whose file has faults keeps the last good one.',
      ],
      query('{{hash}}', `count by (hash) (${our(ours.policy)})`),
      query('with a faulty file', `sum(1 - ${our(ours.policyGood)})`),
    ),
  ],
  'The webhook': gatePanels,
  'The controller': loopPanels,
  'The pods': [
    panel(
      ['Event-loop lag', 's', 'How long work waits for its turn, p99.', { good: 'below', warning: 0.2 }],
      query('{{pod}}', `max by (pod) (nodejs_eventloop_lag_p99_seconds${JOB})`),
    ),
    panel(
      ['Memory', 'bytes', 'Resident; the heap is part of it.'],
      query('{{pod}}', `sum by (pod) (process_resident_memory_bytes${JOB})`),
      query('{{pod}} heap', `sum by (pod) (nodejs_heap_size_used_bytes${JOB})`),
    ),
    panel(
      ['CPU', 'none', 'Cores in use.'],
      query('{{pod}}', `sum by (pod) (rate(process_cpu_seconds_total${JOB}${RATE}))`),
    ),
    panel(
      ['Garbage collection', 'percentunit', 'Share of time.'],
      query('{{kind}}', `sum by (kind) (rate(nodejs_gc_duration_seconds_sum${JOB}${RATE}))`),
    ),
    panel(
      ['Versions', 'short', 'Pods by version of the program and of Node.'],
      query('{{version}} on {{node}}', `count by (version, node) (${our(ours.build)})`),
    ),
    panel(
      ['Certificates read', 'ops', 'Other serving certificates that were read, and those of no use.'],
      query('read', `sum(rate(${our(ours.certificateReads)}${RATE}))`),
      query('of no use', `sum(rate(${our(ours.certificateErrors)}${RATE}))`),
    ),
    panel(
      ['Policy reloads', 'ops', 'By whether they came into force.'],
      query('{{result}}', perSecond(our(ours.policyReloads), 'result')),
    ),
  ],
}
