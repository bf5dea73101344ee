import { metricTable as ours } from '../../server/report/metrics.ts'
import { above, below, kubelets, our, type Panel, panel, rate, stat, table } from './panel.ts'

/**
 * Seconds until a kubelet's serving certificate expires, as each kubelet reports it with serverTLSBootstrap
 * (pkg/kubelet/certificate/kubelet.go). `+Inf`: it has none that is valid.
 */
const left = `min by (cluster, instance) (${kubelets('kubelet_certificate_manager_server_ttl_seconds')})`
const valid = `${left} < Inf`
/** A kubelet is scraped at several paths. One without certificate refuses TLS, and is only known by this. */
const all = `group by (cluster, instance) (${kubelets('up')})`

const refusals = our(ours.decisions, 'verdict=~"deny|notYet"')
/** So that nothing is shown as 0 where there are pods. */
const orNone = (sum: string): string => `${sum} or 0 * count(${our(ours.build)})`

export const glance: readonly Panel[] = [
  stat(
    below(
      [1],
      panel('Releases without one leader', 'short', 'Without a leader, nothing is approved.', {
        releases: `sum(sum by (cluster, namespace, job) (${our(ours.leader)}) != bool 1)`,
      }),
    ),
  ),
  stat(
    below(
      [300, 900],
      panel('Oldest CSR to approve', 's', 'Of all pending CSRs that may be approved.', {
        oldest: `max(${our(ours.oldestApprovable)})`,
      }),
    ),
  ),
  stat(
    panel('Refused in a day', 'short', 'Decisions against a CSR, of the webhook and the controller.', {
      refusals: orNone(`sum(increase(${refusals}[1d]))`),
    }),
  ),
  stat(
    above(
      [0.9, 0.5],
      panel(
        'Nodes serving',
        'percentunit',
        'Kubelets with a valid serving certificate, of all that are scraped.',
        {
          share: `count(${valid}) / count(${all})`,
        },
      ),
    ),
  ),
  stat(
    above(
      [7, 1],
      panel(
        'Soonest expiry of a kubelet',
        'suffix:days',
        'Kubelets renew when 10 to 30 % of the lifetime are left.',
        {
          'days left': `min(${valid}) / 86400`,
        },
      ),
    ),
  ),
  stat(
    below(
      [1],
      panel('Pods not scraped', 'short', 'Pods that Prometheus knows and cannot reach.', {
        pods: orNone(`count(${our('up')} == 0)`),
      }),
    ),
  ),
]

export const outcome: readonly Panel[] = [
  above(
    [0.9, 0.5],
    panel(
      'Nodes serving, by cluster',
      'percentunit',
      'Kubelets with a valid serving certificate, of all that are scraped.',
      {
        '{{cluster}}': `count by (cluster) (${valid}) / count by (cluster) (${all})`,
      },
    ),
  ),
  panel(
    'Days left of serving certificates',
    'suffix:days',
    'Of all kubelets: the soonest, a tenth, half of them.',
    {
      soonest: `min(${valid}) / 86400`,
      'a tenth': `quantile(0.1, ${valid}) / 86400`,
      half: `quantile(0.5, ${valid}) / 86400`,
    },
  ),
  panel('Renewals', 'ops', 'New serving certificates of kubelets, and attempts that failed.', {
    renewed: `sum(${rate(kubelets('kubelet_certificate_manager_server_rotation_seconds_count'))})`,
    failed: `sum(${rate(kubelets('kubelet_server_expiration_renew_errors'))})`,
  }),
  table(
    panel('Kubelets that expire first', 'suffix:days', 'The ten whose serving certificate expires first.', {
      'days left': `sort(bottomk(10, ${valid}) / 86400)`,
    }),
  ),
  table(
    panel('Refusals by reason', 'short', 'In the time shown. policies/README.md explains each.', {
      refusals: `sort_desc(sum by (cluster, namespace, component, reason) (increase(${refusals}[$__range])) > 0)`,
    }),
  ),
]
