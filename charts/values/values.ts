import { type TSchema, Type } from 'typebox'
import {
  CIDR,
  flag,
  group,
  kubernetesList,
  kubernetesObject,
  OBJECT_NAME,
  oneOf,
  PORT,
  strings,
  text,
  texts,
  whole,
} from './kinds.ts'
import { bootstrapGuard, guard, validatingAdmissionPolicy } from './guards.ts'
import { metrics } from './monitoring.ts'
import { pods, rollout, scheduling } from './pod.ts'
import { sources } from './sources.ts'
import { tls } from './tls.ts'

/**
 * Every value of the chart: its sentence, default and shape. `npm run docs` generates values.yaml, values.schema.json
 * and the table in the README of the chart from it.
 */

const REPLICAS = [1, 20] as const

const image = group('Container image.', {
  registry: text('Registry host, prepended to the repository. Default: none.'),
  repository: text('Repository of the image.', 'kubelet-csr-gate', { minLength: 1 }),
  tag: text("Tag. Default: the chart's appVersion. Quote it: unquoted, 1.10 is the number 1.1."),
  digest: text('Digest (`sha256:…`). Takes precedence over the tag.', '', {
    pattern: '^$|^sha256:[0-9a-f]{64}$',
  }),
  pullPolicy: oneOf('Image pull policy.', ['IfNotPresent', 'Always', 'Never']),
})

const ownResources = kubernetesObject('Resources of its container, instead of `resources`.')
const accountName = (fullname: string): TSchema =>
  text(`Name of its service account. Default: \`${fullname}\`.`, '', OBJECT_NAME)

const webhook = group('The validating webhook: refuses non-conforming CSRs at creation.', {
  enabled: flag(
    'Run the webhook. Without it, the controller reaches the same verdicts on stored CSRs.',
    true,
  ),
  replicas: whole(
    'Number of pods that serve the webhook, in a Deployment. With `topology: single` they run the controller too.',
    2,
    REPLICAS,
  ),
  resources: ownResources,
  serviceAccountName: accountName('<fullname>-webhook'),
  failurePolicy: oneOf(
    'What happens to a CSR when the webhook does not answer: `Ignore` admits it and leaves it to the controller, `Fail` refuses it.',
    ['Ignore', 'Fail'],
  ),
  timeoutSeconds: whole(
    'Seconds that the API server waits for an answer. A webhook that hangs delays every CSR by this time.',
    3,
    [1, 30],
  ),
  port: whole(
    'Port that the webhook listens on. Most control planes can reach port 10250. With hostNetwork, choose another: the kubelet uses 10250.',
    10_250,
    PORT,
  ),
  url: text(
    'URL at which API servers call the webhook, instead of the Service. Without a pod network: `https://127.0.0.1:9443/validate`, with a pod on each control-plane node.',
    '',
    { pattern: '^$|^https://[^/?#@]+/[^?#]*$' },
  ),
  caBundle: text(
    'PEM certificates of the CA that signed the serving certificate. Only with `tls.mode: existingSecret`.',
    '',
    { pattern: '^$|-----BEGIN CERTIFICATE-----' },
  ),
  clientCA: text(
    'PEM certificates of the CAs that signed the client certificates of API servers. Reviews from other callers are refused. See docs/webhook-callers.md.',
    '',
    { pattern: '^$|-----BEGIN CERTIFICATE-----' },
  ),
  matchConditions: kubernetesList(
    'Additional match conditions (CEL). CSRs that do not match are judged by the controller only.',
  ),
  annotations: strings('Annotations of the ValidatingWebhookConfiguration, for example for a CA injector.'),
  cleanupHook: group('Job that removes the webhook before the pods on uninstall.', {
    enabled: flag(
      'Create the Job. Only useful for Helm 3 with `failurePolicy: Fail`: Helm 4 removes the webhook first by itself.',
      false,
    ),
  }),
})

const controller = group('The controller: judges stored CSRs and approves the conforming ones.', {
  enabled: flag('Run the controller. Without it, kubelet-csr-gate approves nothing.', true),
  replicas: whole(
    'Number of pods that run the controller, in a Deployment, if they do not serve the webhook. One elected leader approves; the others are on standby.',
    1,
    REPLICAS,
  ),
  resources: ownResources,
  serviceAccountName: accountName('<fullname>-controller'),
})

const probe = group(
  'The probe: the controller dials the addresses that kubelets ask for, to see who answers there. See docs/probe.md.',
  {
    port: whole(
      'Port of the kubelets. The NetworkPolicy of the controller admits it, unless `networkPolicy.egress` is set.',
      10_250,
      PORT,
    ),
    ca: text(
      "PEM certificates of the CAs that sign serving certificates of kubelets, if they are not the API server's.",
      '',
      { pattern: '^$|-----BEGIN CERTIFICATE-----' },
    ),
  },
)

const networkPolicy = group('NetworkPolicies of the pods. Probes of the kubelet are always let in.', {
  enabled: flag('Create a NetworkPolicy for each workload.', false),
  apiServers: texts(
    'CIDRs of the API servers, or of the proxies through which they call, as the pods see them. Reviews from other addresses are refused, and the NetworkPolicy admits only these to the port of the webhook. Default: any, because no selector matches API servers.',
    CIDR,
  ),
  scrapers: kubernetesList(
    'Peers that may reach the metrics port (`namespaceSelector`, `podSelector` or `ipBlock`). Default: everyone.',
  ),
  egress: kubernetesList(
    'Egress rules. Default: TCP ports 443, 6443 and `kubeApi.port`, for the API server, for the controller `probe.port`, and port 53 with `sources.dns.domains`. Add DNS if `kubeApi.host` is a name.',
  ),
})

const apiPriorityAndFairness = group('Priority of the requests of the pods at the API server.', {
  enabled: flag(
    'Create FlowSchemas, so that they wait with those of Kubernetes controllers (`workload-high`, `leader-election`) rather than with those of every workload.',
    true,
  ),
})

const extraObjects = Type.Unsafe<(string | object)[]>({
  type: 'array',
  items: { type: ['string', 'object'] },
  description: 'Additional objects, each a mapping or a string. They are rendered as templates.',
  default: [],
})

/** All values except the policy, which has its own schema. */
export const deploymentValues = {
  nameOverride: text('Replaces the chart name in object names.', '', OBJECT_NAME),
  fullnameOverride: text('Replaces the full object name.', '', OBJECT_NAME),
  commonLabels: strings('Labels added to every object.'),
  image,
  imagePullSecrets: kubernetesList('Image pull secrets: `[{name: …}]`.'),
  topology: oneOf(
    '`split`: webhook and controller run in pods of their own, and those that face the network can write nothing. `single`: each pod runs both.',
    ['split', 'single'],
  ),
  kind: oneOf(
    'Kind of workload: `Deployment`, or `DaemonSet` for one pod on each control-plane node. A DaemonSet with webhook and controller requires `topology: single`.',
    ['Deployment', 'DaemonSet'],
  ),
  webhook,
  guard,
  bootstrapGuard,
  validatingAdmissionPolicy,
  controller,
  sources,
  probe,
  tls,
  kubeApi: group('Address of the API server, where its Service does not work yet (before kube-proxy runs).', {
    host: text('Host name or address. Default: the Service. Its certificate must be valid for this name.'),
    port: whole('Port. Used only with `kubeApi.host`.', 6443, PORT),
  }),
  metrics,
  serviceAccount: group('Service accounts of the pods, one for each component.', {
    create: flag('Create the service accounts.', true),
    annotations: strings('Annotations of the service accounts.'),
  }),
  rbac: group('Permissions, with one role for each part.', {
    create: flag('Create roles and bindings.', true),
  }),
  ...pods,
  ...scheduling,
  ...rollout,
  networkPolicy,
  apiPriorityAndFairness,
  extraObjects,
}
