import type { TSchema } from 'typebox'
import { configSchema } from '../../server/config.ts'
import {
  flag,
  group,
  groupLike,
  kubernetesList,
  kubernetesObject,
  OBJECT_NAME,
  oneOf,
  strings,
  text,
  whole,
} from './kinds.ts'

const { properties: config } = configSchema
const REPLICAS = [1, 20] as const

const ownResources = kubernetesObject('Resources of its container, instead of `resources`.')
const accountName = (fullname: string): TSchema =>
  text(`Name of its service account. Default: \`${fullname}\`.`, '', OBJECT_NAME)

export const webhook = group('The validating webhook: refuses non-conforming CSRs at creation.', {
  enabled: config.webhook.properties.enabled,
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
  port: config.webhook.properties.port,
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
      'Create the Job. Only useful for Helm 3 with `failurePolicy: Fail`: Helm 4 removes the webhook first by itself. It is a pre-delete hook: Argo CD runs it from version 3.3 on, Flux as its Helm does.',
      false,
    ),
  }),
})

export const controller = group('The controller: judges stored CSRs and approves the conforming ones.', {
  enabled: config.controller.properties.enabled,
  replicas: whole(
    'Number of pods that run the controller, in a Deployment, if they do not serve the webhook. One elected leader approves; the others are on standby.',
    1,
    REPLICAS,
  ),
  resources: ownResources,
  serviceAccountName: accountName('<fullname>-controller'),
})

const { caFile: _, ...ofKubelets } = config.kubelet.properties

export const kubelet = groupLike(config.kubelet, {
  ...ofKubelets,
  ca: text(
    "PEM certificates of the CAs that sign serving certificates of kubelets, if they are not the API server's.",
    '',
    { pattern: '^$|-----BEGIN CERTIFICATE-----' },
  ),
})
