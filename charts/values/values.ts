import { Type } from 'typebox'
import { flag, group, kubernetesList, OBJECT_NAME, oneOf, PORT, strings, text, whole } from './kinds.ts'
import { metrics } from './monitoring.ts'
import { pods, rollout, scheduling } from './pod.ts'
import { tls } from './tls.ts'

/**
 * Every value of the chart: its sentence, default and shape. `npm run docs` generates values.yaml, values.schema.json
 * and the table in the README of the chart from it.
 */

const image = group('Container image.', {
  registry: text('Registry host, prepended to the repository. Default: none.'),
  repository: text('Repository of the image.', 'kubelet-csr-gate', { minLength: 1 }),
  tag: text("Tag. Default: the chart's appVersion. Quote it: unquoted, 1.10 is the number 1.1."),
  digest: text('Digest (`sha256:…`). Takes precedence over the tag.', '', {
    pattern: '^$|^sha256:[0-9a-f]{64}$',
  }),
  pullPolicy: oneOf('Image pull policy.', ['IfNotPresent', 'Always', 'Never']),
})

const webhook = group('The validating webhook: refuses non-conforming CSRs at creation.', {
  enabled: flag(
    'Run the webhook. Without it, the controller reaches the same verdicts on stored CSRs.',
    true,
  ),
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

const networkPolicy = group('NetworkPolicy of the pods.', {
  enabled: flag('Create a NetworkPolicy.', false),
  ingress: kubernetesList(
    'Ingress rules. Default: both ports from everywhere, because no selector matches API servers.',
  ),
  egress: kubernetesList(
    'Egress rules. Default: TCP ports 443, 6443 and `kubeApi.port`, for the API server. Add DNS if `kubeApi.host` is a name.',
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
  kind: oneOf('Kind of workload: `Deployment`, or `DaemonSet` for one pod on each control-plane node.', [
    'Deployment',
    'DaemonSet',
  ]),
  replicaCount: whole(
    'Number of replicas of the Deployment. Every replica serves the webhook; one elected leader approves.',
    2,
    [1, 20],
  ),
  webhook,
  controller: group('The controller: judges stored CSRs and approves the conforming ones.', {
    enabled: flag('Run the controller. Without it, kubelet-csr-gate approves nothing.', true),
  }),
  tls,
  kubeApi: group('Address of the API server, where its Service does not work yet (before kube-proxy runs).', {
    host: text('Host name or address. Default: the Service. Its certificate must be valid for this name.'),
    port: whole('Port. Used only with `kubeApi.host`.', 6443, PORT),
  }),
  metrics,
  serviceAccount: group('Service account of the pods.', {
    create: flag('Create the service account.', true),
    name: text('Name of the service account. Default: the name of the release objects.', '', OBJECT_NAME),
    annotations: strings('Annotations of the service account.'),
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
