import { Type } from 'typebox'
import { configSchema } from '../../server/config.ts'
import {
  flag,
  group,
  kubernetesList,
  OBJECT_NAME,
  oneOf,
  orNull,
  strings,
  text,
  texts,
  whole,
} from './kinds.ts'

const DURATION = { pattern: '^$|^([0-9]+(ms|s|m|h))+$' }

const scrape = {
  namespace: text('Namespace. Default: the namespace of the release.', '', OBJECT_NAME),
  interval: text('Scrape interval. Default: the default of Prometheus.', '', DURATION),
  scrapeTimeout: text('Scrape timeout. Default: the default of Prometheus.', '', DURATION),
  additionalLabels: strings('Additional labels, such as the ones your Prometheus selects by.'),
  relabelings: kubernetesList('Relabelings, applied before a scrape.'),
  metricRelabelings: kubernetesList('Metric relabelings, applied to scraped samples.'),
}

/** A label of Prometheus. */
const LABEL = { pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$' }
/** To ten years. */
const SECONDS = [1, 10 * 365 * 86_400] as const
const PERCENT = [0, 99] as const

const thresholds = group('Values past which alerts fire.', {
  pendingWarningSeconds: whole(
    'KubeletCsrGateOldestPending: age of a CSR that may be approved.',
    300,
    SECONDS,
  ),
  pendingCriticalSeconds: whole(
    'KubeletCsrGateOldestPendingTooLong: the same. A kubelet gives up after 900 seconds.',
    900,
    SECONDS,
  ),
  refusals: whole('KubeletCsrGateDenialSpike: decisions of one reason in 10 minutes.', 50, [1, 1_000_000]),
  nodesNotServingPercent: whole(
    'KubeletCsrGateNodesNotServing: share of the kubelets that show no valid serving certificate.',
    10,
    PERCENT,
  ),
  kubeletCertificateWarningSeconds: whole(
    'KubeletCsrGateKubeletCertificateExpiresSoon: time left. Kubelets renew when 10 to 30 % of the lifetime are left: stay below 10 %.',
    7 * 86_400,
    SECONDS,
  ),
  kubeletCertificateCriticalSeconds: whole(
    'KubeletCsrGateKubeletCertificateExpires: time left.',
    86_400,
    SECONDS,
  ),
})

export const metrics = group('Metrics, and objects for the Prometheus operator and Grafana.', {
  port: orNull({
    ...configSchema.properties.metrics.properties.port,
    description: 'Port of /livez, /readyz and /metrics. Default: 8080, or 9444 with hostNetwork.',
  }),
  service: group(
    'Headless Service of the metrics. A Prometheus without the operator can find the pods by it.',
    {
      enabled: flag('Create the Service. A ServiceMonitor always has it.', true),
      annotations: strings('Annotations of the Service, such as `prometheus.io/scrape`.'),
    },
  ),
  serviceMonitor: group('ServiceMonitor for the Prometheus operator.', {
    enabled: flag('Create a ServiceMonitor.', false),
    ...scrape,
  }),
  podMonitor: group('PodMonitor, an alternative to the ServiceMonitor.', {
    enabled: flag('Create a PodMonitor.', false),
    ...scrape,
  }),
  kubeletJob: text('Job of the kubelets in Prometheus, which alerts and dashboard select.', 'kubelet', {
    // it stands between quotes in PromQL and in JSON
    pattern: '^[^"\\\\\\r\\n]+$',
  }),
  prometheusRule: group('PrometheusRule with the alerts. Each alert has a runbook.', {
    enabled: flag('Create a PrometheusRule.', false),
    namespace: text('Namespace. Default: the namespace of the release.', '', OBJECT_NAME),
    additionalLabels: strings('Additional labels, such as the ones your Prometheus selects by.'),
    ruler: oneOf(
      'Where alerts are evaluated: `local` (the Prometheus of this cluster) or `central` (a ruler of many clusters).',
      ['local', 'central'],
    ),
    aggregationLabels: Type.Array(Type.String(LABEL), {
      description:
        'Labels that tell clusters apart where the alerts are evaluated. A label that is on no series has no effect.',
      default: ['cluster'],
      minItems: 1,
    }),
    disabled: texts('Names of alerts that are not created.'),
    thresholds,
    runbookUrl: text(
      'Base URL of the on-call page. The name of the alert in lower case is appended. Empty: alerts have no runbook_url. The published chart has the URL of its release.',
      '',
      { pattern: '^$|^https?://' },
    ),
  }),
  dashboard: group('Grafana dashboard, as a ConfigMap for the Grafana sidecar.', {
    enabled: flag('Create the dashboard ConfigMap.', false),
    namespace: text('Namespace. Default: the namespace of the release.', '', OBJECT_NAME),
    label: text('Label by which the Grafana sidecar finds the ConfigMap.', 'grafana_dashboard', {
      minLength: 1,
    }),
    labelValue: text('Value of this label.', '1'),
    labels: strings('Additional labels.'),
    annotations: strings('Annotations, such as the Grafana folder.'),
    clusterLabel: text(
      'Label that tells clusters apart. A Prometheus of one cluster needs none.',
      'cluster',
      LABEL,
    ),
  }),
})
