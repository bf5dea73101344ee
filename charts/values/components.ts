import { type TObject, Type } from 'typebox'
import { configSchema } from '../../server/config.ts'
import {
  flag,
  group,
  groupLike,
  kubernetesList,
  OBJECT_NAME,
  oneOf,
  orNull,
  strings,
  text,
  whole,
} from './kinds.ts'
import { podsOfComponent } from './pod.ts'

const { properties: config } = configSchema
const REPLICAS = [1, 20] as const

/** One for each component, because their permissions differ. */
const serviceAccount = (fullname: string): TObject =>
  group('Service account of the component.', {
    create: flag('Create the service account.', true),
    name: text(`Name of the service account. Default: \`${fullname}\`.`, '', OBJECT_NAME),
    annotations: strings('Annotations of the service account.'),
  })

/** The Service of the webhook. It is a ClusterIP: only API servers call it. */
const service = group('Service of the webhook.', {
  annotations: strings('Annotations of the Service.'),
  ipFamilyPolicy: Type.Unsafe<string>({
    type: 'string',
    enum: ['', 'SingleStack', 'PreferDualStack', 'RequireDualStack'],
    description: 'IP family policy. Default: that of the cluster, `SingleStack`.',
    default: '',
  }),
  ipFamilies: Type.Array(Type.Unsafe<string>({ type: 'string', enum: ['IPv4', 'IPv6'] }), {
    description:
      'IP families, `IPv4` or `IPv6`. API servers call the first. With IPv6, set `listenAddress` to `::`.',
    default: [],
    maxItems: 2,
    uniqueItems: true,
  }),
})

export const webhook = group('The validating webhook: refuses non-conforming CSRs at creation.', {
  enabled: config.webhook.properties.enabled,
  replicas: whole(
    'Number of pods. With the profile `hostNetwork`, these pods also run the controller. `controlPlane` ignores this: one pod on each node.',
    2,
    REPLICAS,
  ),
  failurePolicy: oneOf(
    'If the webhook does not answer: `Ignore` leaves the CSR to the controller, `Fail` refuses it.',
    ['Ignore', 'Fail'],
  ),
  timeoutSeconds: whole(
    'Seconds that the API server waits for an answer. A webhook that hangs delays every CSR by this time.',
    3,
    [1, 30],
  ),
  port: orNull({
    ...config.webhook.properties.port,
    description: 'Port of the webhook. Default: 10250, or 9443 with hostNetwork.',
  }),
  service,
  url: text('URL at which API servers call the webhook, instead of the Service.', '', {
    pattern: '^$|^https://[^/?#@]+/[^?#]*$',
  }),
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
      'Create the Job. Only useful for Helm 3 with `failurePolicy: Fail`. Helm 4 removes the webhook first by itself. It is a pre-delete hook: Argo CD runs it from version 3.3 on, Flux as its Helm does.',
      false,
    ),
  }),
  serviceAccount: serviceAccount('<fullname>-webhook'),
  ...podsOfComponent,
})

export const controller = group('The controller: judges stored CSRs and approves the conforming ones.', {
  enabled: config.controller.properties.enabled,
  replicas: whole('Number of pods. One elected leader approves; the others are on standby.', 1, REPLICAS),
  serviceAccount: serviceAccount('<fullname>-controller'),
  ...podsOfComponent,
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
