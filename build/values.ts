import { type TObject, type TProperties, type TSchema, Type } from 'typebox'

/**
 * Every value of the chart: its sentence, default and shape. `npm run docs` makes of it values.yaml,
 * values.schema.json and the table in the chart's README; a test holds the three to it.
 */

/** What Kubernetes itself checks: the chart hands it on and looks no deeper. */
const kubernetesObject = (description: string, value: object = {}): TSchema =>
  Type.Unsafe<object>({ type: 'object', description, default: value })
const kubernetesList = (description: string, value: readonly object[] = []): TSchema =>
  Type.Unsafe<object[]>({ type: 'array', items: { type: 'object' }, description, default: value })
const text = (description: string, value = '', rules: object = {}): TSchema =>
  Type.String({ description, default: value, ...rules })
const flag = (description: string, value: boolean): TSchema => Type.Boolean({ description, default: value })
const whole = (description: string, value: number, [minimum, maximum]: readonly [number, number]): TSchema =>
  Type.Integer({ description, default: value, minimum, maximum })
const oneOf = (description: string, [value, ...rest]: readonly [string, ...string[]]): TSchema =>
  Type.Unsafe<string>({ type: 'string', enum: [value, ...rest], description, default: value })
const strings = (description: string): TSchema =>
  Type.Record(Type.String(), Type.String(), { description, default: {} })
const group = (description: string, properties: TProperties): TObject =>
  Type.Object(properties, { description, additionalProperties: false })

const PORT = [1, 65_535] as const
/** `''`, or a name that Kubernetes takes for a Secret (RFC 1123 subdomain). */
const OBJECT_NAME = { pattern: '^$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$', maxLength: 253 }
const CONTROL_PLANE_ROLE = 'node-role.kubernetes.io/control-plane'
/** A pod that may approve certificates is safest where only the cluster's operators run anything. */
const PREFER_CONTROL_PLANE = {
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 100, preference: { matchExpressions: [{ key: CONTROL_PLANE_ROLE, operator: 'Exists' }] } },
    ],
  },
}

const image = group('The container image.', {
  registry: text('Registry host, put before the repository; empty for a repository that names its own.'),
  repository: text('Repository of the image.', 'kubelet-csr-gate', { minLength: 1 }),
  tag: text("Tag; empty for the chart's appVersion. Quote it: 1.10 without quotes is the number 1.1."),
  digest: text('Digest (`sha256:…`), which beats the tag and cannot be moved to another image.', '', {
    pattern: '^$|^sha256:[0-9a-f]{64}$',
  }),
  pullPolicy: oneOf('When the kubelet pulls it.', ['IfNotPresent', 'Always', 'Never']),
})

const webhook = group('The gate: it refuses a CSR when it is created, so that it is never stored.', {
  enabled: flag('Whether the gate runs. The loop alone reaches the same verdicts, later.', true),
  failurePolicy: oneOf(
    'What happens to a CSR while no gate answers: `Ignore` stores it and the loop judges it, `Fail` refuses it.',
    ['Ignore', 'Fail'],
  ),
  timeoutSeconds: whole(
    'Seconds that the API server waits for the gate; each create waits as long while it hangs.',
    3,
    [1, 30],
  ),
  port: whole(
    "Port the gate listens on. 10250 is open from most control planes; with hostNetwork it is the kubelet's.",
    10_250,
    PORT,
  ),
  url: text(
    'Where the API server finds the gate, instead of the Service: `https://127.0.0.1:9443/validate` on control planes before there is a pod network.',
    '',
    { pattern: '^$|^https://[^/?#@]+/[^?#]*$' },
  ),
  caBundle: text(
    'PEM certificates that the API server verifies the gate by, with `tls.mode: existingSecret`.',
    '',
    { pattern: '^$|-----BEGIN CERTIFICATE-----' },
  ),
  matchConditions: kubernetesList(
    'More conditions (CEL) that a CSR must meet to be sent to the gate. What they leave out only the loop judges.',
  ),
  annotations: strings("Annotations of the ValidatingWebhookConfiguration, such as a CA injector's."),
})

const tls = group("The gate's serving certificate.", {
  mode: oneOf(
    'Where it comes from: `selfSigned` (the pods make and rotate a CA and certificate of their own) or `existingSecret`.',
    ['selfSigned', 'existingSecret'],
  ),
  existingSecret: group('With `tls.mode: existingSecret`.', {
    name: text(
      'Secret of type kubernetes.io/tls in the release namespace; a renewed one is taken up without a restart.',
      '',
      OBJECT_NAME,
    ),
  }),
})

const scheduling = {
  nodeSelector: strings('Labels that a node must have.'),
  tolerations: kubernetesList('Taints that the pods tolerate.', [
    { key: CONTROL_PLANE_ROLE, operator: 'Exists', effect: 'NoSchedule' },
  ]),
  affinity: kubernetesObject('Affinity: by default rather on control-plane nodes.', PREFER_CONTROL_PLANE),
  topologySpreadConstraints: kubernetesList(
    'Spread of the pods; empty for one per node where possible. A constraint without labelSelector gets that of the release.',
  ),
  priorityClassName: text(
    'Priority class: nodes cannot get certificates without these pods.',
    'system-cluster-critical',
    OBJECT_NAME,
  ),
}

const pods = {
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
    'Resources. No CPU limit, which would delay answers that the API server waits for; half of the memory limit is heap.',
    { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '192Mi' } },
  ),
  extraArgs: Type.Array(Type.String(), {
    description: 'More arguments of `kubelet-csr-gate serve`.',
    default: [],
  }),
  extraEnv: kubernetesList('More environment variables of the container.'),
}

const rollout = {
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

/** All values but the policy, which has its own schema. */
export const deploymentValues = {
  nameOverride: text('Replaces the chart name in object names.', '', OBJECT_NAME),
  fullnameOverride: text('Replaces the whole object name.', '', OBJECT_NAME),
  commonLabels: strings('Labels of every object.'),
  image,
  imagePullSecrets: kubernetesList('Secrets to pull the image with: `[{name: …}]`.'),
  kind: oneOf('What runs the pods: a `Deployment`, or a `DaemonSet` for one on each control-plane node.', [
    'Deployment',
    'DaemonSet',
  ]),
  replicaCount: whole('Pods of the Deployment. All of them gate, one at a time loops.', 2, [1, 20]),
  webhook,
  loop: group('The loop: it judges what is stored, and approves what conforms.', {
    enabled: flag('Whether the loop runs. Without it nothing is approved here.', true),
  }),
  tls,
  kubeApi: group('The API server, where its Service cannot be reached: before kube-proxy runs.', {
    host: text('Name or address in place of the Service; its certificate must be valid for it.'),
    port: whole('Port, if host is given.', 6443, PORT),
  }),
  observe: group('Health and metrics.', { port: whole('Port of /livez, /readyz and /metrics.', 8080, PORT) }),
  serviceAccount: group('The account that the pods use.', {
    create: flag('Whether the chart makes it.', true),
    name: text('Its name; empty for that of the release.', '', OBJECT_NAME),
    annotations: strings('Its annotations.'),
  }),
  rbac: group('Permissions: one role for each part.', {
    create: flag('Whether the chart makes the roles and bindings.', true),
  }),
  ...pods,
  ...scheduling,
  ...rollout,
}
