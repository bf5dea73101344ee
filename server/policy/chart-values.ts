/** Top-level values of the chart besides `policy`. A test compares them with its schema. */
export const chartValues: ReadonlySet<string> = new Set(
  (
    'nameOverride fullnameOverride namespaceOverride commonLabels commonAnnotations global image ' +
    'imagePullSecrets topology kind webhook guard bootstrapGuard validatingAdmissionPolicy controller service ' +
    'sources kubelet tls kubeApi metrics serviceAccount rbac listenAddress hostNetwork dnsPolicy dnsConfig ' +
    'hostAliases logLevel deploymentAnnotations podAnnotations podLabels podSecurityContext securityContext ' +
    'resources extraArgs extraEnv extraVolumes extraVolumeMounts startupProbe livenessProbe readinessProbe ' +
    'nodeSelector tolerations affinity topologySpreadConstraints priorityClassName resourceQuota ' +
    'revisionHistoryLimit updateStrategy drainSeconds terminationGracePeriodSeconds podDisruptionBudget ' +
    'networkPolicy apiPriorityAndFairness extraObjects enabled'
  ).split(' '),
)
