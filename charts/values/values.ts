import { pods, rollout, scheduling } from './pod.ts'
import { metrics } from './monitoring.ts'
import { apiPriorityAndFairness, extraObjects, networkPolicy } from './neighbour.ts'
import { tls } from './tls.ts'
import { flag, group, kubernetesList, OBJECT_NAME, oneOf, PORT, strings, text, whole } from './kinds.ts'

/**
 * Every value of the chart: its sentence, default and shape. `npm run docs` makes of it values.yaml,
 * values.schema.json and the table in the chart's README; a test holds the three to it.
 */

const image = group('The container image.', {
  registry: text('Registry host, put before the repository; empty for a repository that names its own.'),
  repository: text('Repository of the image.', 'kubelet-csr-gate', { minLength: 1 }),
  tag: text("Tag; empty for the chart's appVersion. Quote it: 1.10 without quotes is the number 1.1."),
  digest: text('Digest (`sha256:…`), which beats the tag and cannot be moved to another image.', '', {
    pattern: '^$|^sha256:[0-9a-f]{64}$',
  }),
  pullPolicy: oneOf('When the kubelet pulls it.', ['IfNotPresent', 'Always', 'Never']),
})

const webhook = group('The webhook: it refuses a CSR when it is created, so that it is never stored.', {
  enabled: flag('Whether the webhook runs. The controller alone reaches the same verdicts, later.', true),
  failurePolicy: oneOf(
    'What happens to a CSR while no webhook answers: `Ignore` stores it and the controller judges it, `Fail` refuses it.',
    ['Ignore', 'Fail'],
  ),
  timeoutSeconds: whole(
    'Seconds that the API server waits for the webhook; each create waits as long while it hangs.',
    3,
    [1, 30],
  ),
  port: whole(
    "Port the webhook listens on. 10250 is open from most control planes; with hostNetwork it is the kubelet's.",
    10_250,
    PORT,
  ),
  url: text(
    'Where the API server finds the webhook, instead of the Service: `https://127.0.0.1:9443/validate` on control planes before there is a pod network.',
    '',
    { pattern: '^$|^https://[^/?#@]+/[^?#]*$' },
  ),
  caBundle: text(
    'PEM certificates that the API server verifies the webhook by, with `tls.mode: existingSecret`.',
    '',
    { pattern: '^$|-----BEGIN CERTIFICATE-----' },
  ),
  matchConditions: kubernetesList(
    'More conditions (CEL) that a CSR must meet to be sent to the webhook. What they leave out only the controller judges.',
  ),
  annotations: strings("Annotations of the ValidatingWebhookConfiguration, such as a CA injector's."),
  cleanupHook: group('Removing the webhook before the pods, on uninstall.', {
    enabled: flag(
      'Whether a Job does it: for Helm 3 with `failurePolicy: Fail`. Helm 4 does so by itself.',
      false,
    ),
  }),
})

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
  replicaCount: whole('Pods of the Deployment. All of them webhook, one at a time loops.', 2, [1, 20]),
  webhook,
  controller: group('The controller: it judges what is stored, and approves what conforms.', {
    enabled: flag('Whether the controller runs. Without it nothing is approved here.', true),
  }),
  tls,
  kubeApi: group('The API server, where its Service cannot be reached: before kube-proxy runs.', {
    host: text('Name or address in place of the Service; its certificate must be valid for it.'),
    port: whole('Port, if host is given.', 6443, PORT),
  }),
  metrics,
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
  networkPolicy,
  apiPriorityAndFairness,
  extraObjects,
}
