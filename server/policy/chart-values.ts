/** Top-level values of the chart besides `policy`. A test compares them with its schema. */
export const chartValues: ReadonlySet<string> = new Set(
  (
    'nameOverride fullnameOverride namespaceOverride commonLabels commonAnnotations global image ' +
    'imagePullSecrets profile webhook guard bootstrapGuard validatingAdmissionPolicy controller ' +
    'sources kubelet tls kubeApi metrics rbac listenAddress dnsPolicy dnsConfig ' +
    'hostAliases runtimeClassName logLevel deploymentAnnotations podAnnotations podLabels podSecurityContext securityContext ' +
    'resources extraArgs extraEnv extraVolumes extraVolumeMounts startupProbe livenessProbe readinessProbe ' +
    'nodeSelector tolerations affinity topologySpreadConstraints priorityClassName resourceQuota ' +
    'revisionHistoryLimit strategy drainSeconds terminationGracePeriodSeconds podDisruptionBudget ' +
    'networkPolicy apiPriorityAndFairness extraObjects enabled'
  ).split(' '),
)
