import { Type } from 'typebox'
import {
  flag,
  group,
  kubernetesList,
  kubernetesObject,
  OBJECT_NAME,
  oneOf,
  strings,
  text,
  whole,
} from './kinds.ts'

const CONTROL_PLANE_ROLE = 'node-role.kubernetes.io/control-plane'
/** A pod that may approve certificates is safest where only the cluster's operators run anything. */
const PREFER_CONTROL_PLANE = {
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 100, preference: { matchExpressions: [{ key: CONTROL_PLANE_ROLE, operator: 'Exists' }] } },
    ],
  },
}

/** Where the pods run. */
export const scheduling = {
  nodeSelector: strings('Labels that a node must have.'),
  tolerations: kubernetesList('Taints that the pods tolerate.', [
    { key: CONTROL_PLANE_ROLE, operator: 'Exists', effect: 'NoSchedule' },
  ]),
  affinity: kubernetesObject(
    'Affinity: by default rather on control-plane nodes. Pods of a Deployment also keep apart.',
    PREFER_CONTROL_PLANE,
  ),
  topologySpreadConstraints: kubernetesList(
    'Spread of the pods; empty for one per node where possible. A constraint without labelSelector gets that of the release.',
  ),
  priorityClassName: text(
    'Priority class: nodes cannot get certificates without these pods.',
    'system-cluster-critical',
    OBJECT_NAME,
  ),
}

/** What the pods are made of. */
export const pods = {
  listenAddress: oneOf(
    "Address that the pods listen on: `::` where pods have IPv6 addresses. With a `webhook.url` on the API server's own host: that host alone.",
    ['0.0.0.0', '::'],
  ),
  hostNetwork: flag(
    "Whether the pods use their node's network: needed before there is a pod network.",
    false,
  ),
  dnsPolicy: Type.Unsafe<string>({
    type: 'string',
    enum: ['', 'ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
    description:
      'DNS policy of the pods; empty for `ClusterFirst`, or `Default` with hostNetwork. Nothing here looks up names.',
    default: '',
  }),
  podAnnotations: strings('Annotations of the pods.'),
  podLabels: strings('Labels of the pods, besides those that select them.'),
  podSecurityContext: kubernetesObject(
    'Security context of the pods: fit for a namespace that enforces `restricted`.',
    {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  ),
  securityContext: kubernetesObject('Security context of the container.', {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  }),
  resources: kubernetesObject(
    'Resources. No CPU limit, which would delay answers that the API server waits for; component of the memory limit is heap.',
    { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '192Mi' } },
  ),
  extraArgs: Type.Array(Type.String(), {
    description: 'More arguments of `kubelet-csr-gate serve`.',
    default: [],
  }),
  extraEnv: kubernetesList('More environment variables of the container.'),
}

/** How pods come and go. */
export const rollout = {
  updateStrategy: kubernetesObject(
    'How pods are replaced; empty for one more first, then one less (a DaemonSet or hostNetwork: one at a time in place).',
  ),
  drainSeconds: whole(
    'Seconds that a stopping pod goes on answering, so that API servers move their connections first.',
    10,
    [0, 20],
  ),
  terminationGracePeriodSeconds: whole('Seconds after which a stopping pod is killed.', 30, [1, 600]),
  podDisruptionBudget: group(
    'Protection from voluntary evictions, of a Deployment with two or more replicas.',
    {
      enabled: flag('Whether there is one.', true),
      maxUnavailable: Type.Unsafe<number | string | null>({
        type: ['integer', 'string', 'null'],
        description: 'How many pods may be missing; null to use minAvailable.',
        default: 1,
      }),
      minAvailable: Type.Unsafe<number | string | null>({
        type: ['integer', 'string', 'null'],
        description: 'How many pods must be there.',
        default: null,
      }),
      unhealthyPodEvictionPolicy: oneOf('Whether pods that are not ready may always be evicted.', [
        'AlwaysAllow',
        'IfHealthyBudget',
      ]),
    },
  ),
}
