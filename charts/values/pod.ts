import { Type } from 'typebox'
import { configSchema } from '../../server/config.ts'
import {
  flag,
  group,
  kubernetesList,
  kubernetesObject,
  OBJECT_NAME,
  oneOf,
  orNull,
  strings,
  text,
  texts,
  whole,
} from './kinds.ts'

/** Of the pods of both components, or of one. Where the default is null, the chart decides: templates/_pod.tpl. */
export const podsOfAll = {
  resources: kubernetesObject(
    'Resources of the container. A CPU limit would delay answers to the API server.',
    { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '192Mi' } },
  ),
  nodeSelector: orNull(
    strings('Labels of the nodes. Default: any, or control-plane nodes with the profile `controlPlane`.'),
  ),
  tolerations: orNull(
    kubernetesList(
      'Tolerations. Default: that of control-plane nodes, and with the profile `controlPlane` those of nodes that are not ready.',
    ),
  ),
  affinity: orNull(kubernetesObject('Affinity. Default: prefer control-plane nodes, and one pod per node.')),
  topologySpreadConstraints: orNull(
    kubernetesList('Topology spread constraints of a Deployment. Default: prefer one pod per node.'),
  ),
  priorityClassName: text(
    'Priority class. Nodes cannot get certificates without these pods.',
    'system-cluster-critical',
    OBJECT_NAME,
  ),
  podAnnotations: strings('Annotations of the pods.'),
  podLabels: strings('Labels of the pods.'),
  strategy: orNull(
    kubernetesObject(
      'Update strategy. Default: a new pod starts before an old one stops. On the network of the node, the old one stops first.',
    ),
  ),
}

const merged = new Set(['podAnnotations', 'podLabels'])
/** The same for one component. */
export const podsOfComponent = Object.fromEntries(
  Object.entries(podsOfAll).map(([name, schema]) => [
    name,
    orNull({
      ...schema,
      description: `${merged.has(name) ? 'In addition to' : 'Instead of'} \`${name}\`, for these pods.`,
    }),
  ]),
)

export const resourceQuota = group(
  'ResourceQuota that admits the pods with their priority class. Some clusters, such as those of GKE, refuse pods of a `system-` class in a namespace without one. Not created in kube-system, nor with another class.',
  {
    enabled: flag('Create the ResourceQuota.', true),
    pods: whole(
      'Maximum number of pods with this class in the namespace, including those of other releases.',
      100,
      [1, 100_000],
    ),
  },
)

/** The pods and their container. */
export const pods = {
  listenAddress: oneOf(
    'Address to listen on: `::` in clusters with IPv6. With the profile `controlPlane`, the pods listen on loopback of the same family.',
    ['0.0.0.0', '::'],
  ),
  dnsPolicy: Type.Unsafe<string>({
    type: 'string',
    enum: ['', 'ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
    description:
      'DNS policy of the pods. Default: `ClusterFirst`, or `Default` with hostNetwork. Only `kubeApi.host` may need DNS.',
    default: '',
  }),
  dnsConfig: kubernetesObject('DNS configuration of the pods. Required by dnsPolicy `None`.'),
  hostAliases: kubernetesList(
    'Lines for /etc/hosts of the pods: `[{ip: …, hostnames: […]}]`, for example for `kubeApi.host`.',
  ),
  runtimeClassName: text('Runtime class of the pods.', '', OBJECT_NAME),
  logLevel: oneOf('Lowest level that is logged.', ['info', 'debug', 'warn', 'error']),
  deploymentAnnotations: strings('Annotations of the Deployments, or of the DaemonSet.'),
  podSecurityContext: kubernetesObject(
    'Pod security context. The default satisfies the Pod Security level `restricted`.',
    {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  ),
  securityContext: kubernetesObject('Container security context.', {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  }),
  extraArgs: texts('Additional arguments for `kubelet-csr-gate serve`.'),
  extraEnv: kubernetesList('Additional environment variables of the container.'),
  extraVolumes: kubernetesList('Additional volumes of the pods.'),
  extraVolumeMounts: kubernetesList('Additional volume mounts of the container.'),
}

const SECONDS = [1, 3600] as const
const timing = (
  description: string,
  [periodSeconds, timeoutSeconds, failureThreshold]: readonly [number, number, number],
) =>
  group(description, {
    periodSeconds: whole('Seconds between two probes.', periodSeconds, SECONDS),
    timeoutSeconds: whole('Seconds after which a probe fails.', timeoutSeconds, SECONDS),
    failureThreshold: whole('Probes in a row that fail before the kubelet acts.', failureThreshold, SECONDS),
  })

/** Probes of the kubelet. What they ask is fixed. */
export const probes = {
  startupProbe: timing(
    'Startup probe: the process answers. A pod that waits for its caches is alive.',
    [1, 1, 60],
  ),
  livenessProbe: timing(
    'Liveness probe. The defaults restart a pod whose event loop stands still for 30 seconds.',
    [10, 5, 3],
  ),
  readinessProbe: timing('Readiness probe: the caches are filled, and the certificate is there.', [2, 2, 2]),
}

/** Updates and termination of the pods. */
export const rollout = {
  revisionHistoryLimit: whole('Number of old revisions that are kept for a rollback.', 10, [0, 100]),
  drainSeconds: configSchema.properties.drainSeconds,
  terminationGracePeriodSeconds: whole('Seconds after which a terminating pod is killed.', 30, [1, 600]),
  podDisruptionBudget: group('PodDisruptionBudget of each Deployment with two or more replicas.', {
    enabled: flag('Create PodDisruptionBudgets.', true),
    maxUnavailable: Type.Unsafe<number | string | null>({
      type: ['integer', 'string', 'null'],
      description: 'Maximum number of unavailable pods. Set it to null to use minAvailable.',
      default: 1,
    }),
    minAvailable: Type.Unsafe<number | string | null>({
      type: ['integer', 'string', 'null'],
      description: 'Minimum number of available pods.',
      default: null,
    }),
    unhealthyPodEvictionPolicy: oneOf('Eviction of pods that are not ready.', [
      'AlwaysAllow',
      'IfHealthyBudget',
    ]),
  }),
}
