/** The webhook's registration, as the chart makes it, at a URL on loopback. */
import type { JsonObject } from '../../../server/ports.ts'
import type { Client } from '../client.ts'
import { until } from '../until.ts'

export interface Registration {
  readonly url: string
  readonly caPem: string
  /** Default Ignore, as the chart's. */
  readonly failurePolicy?: 'Fail' | 'Ignore'
  /** Default 3, as the chart's. */
  readonly timeoutSeconds?: number
  /** CEL beside the chart's own condition, as its value `webhook.matchConditions` adds it. */
  readonly matchCondition?: string
}

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const NAME = 'kubelet-csr-gate'
const LABELS = { 'app.kubernetes.io/name': NAME }

/** The API server learns of a registration, or of its end, by a watch: a moment later. */
const EFFECT_MS = 10_000

export async function registerWebhook(admin: Client, registration: Registration): Promise<void> {
  const body = { metadata: { name: NAME, labels: LABELS }, webhooks: [webhookOf(registration)] }
  const { status, body: answer } = await admin.request('POST', WEBHOOKS, body)
  if (status !== 201) throw new Error(`the webhook cannot be registered: ${status} ${JSON.stringify(answer)}`)
}

/** Replaces what is registered. */
export async function changeWebhook(admin: Client, registration: Registration): Promise<void> {
  const body = { webhooks: [webhookOf(registration)] }
  const { status, body: answer } = await admin.request('PATCH', `${WEBHOOKS}/${NAME}`, body)
  if (status !== 200) throw new Error(`the webhook cannot be changed: ${status} ${JSON.stringify(answer)}`)
}

function webhookOf({
  url,
  caPem,
  failurePolicy = 'Ignore',
  timeoutSeconds = 3,
  matchCondition,
}: Registration): JsonObject {
  const own = matchCondition === undefined ? [] : [{ name: 'operators-own', expression: matchCondition }]
  return {
    name: 'webhook.kubelet-csr-gate.io',
    admissionReviewVersions: ['v1'],
    clientConfig: { url, caBundle: Buffer.from(caPem).toString('base64') },
    rules: [
      {
        apiGroups: ['certificates.k8s.io'],
        apiVersions: ['v1'],
        operations: ['CREATE'],
        resources: ['certificatesigningrequests'],
        scope: 'Cluster',
      },
    ],
    matchPolicy: 'Equivalent',
    matchConditions: [
      {
        name: 'kubelet-serving',
        expression: "object.spec.signerName == 'kubernetes.io/kubelet-serving'",
      },
      ...own,
    ],
    failurePolicy,
    timeoutSeconds,
    sideEffects: 'None',
  }
}

export async function unregisterWebhook(admin: Client): Promise<void> {
  const { status } = await admin.request('DELETE', `${WEBHOOKS}/${NAME}`)
  if (status !== 200) throw new Error(`the webhook cannot be removed: ${status}`)
}

/** Repeats a probe until it shows that a change has taken effect. */
export async function untilInEffect(shows: () => Promise<boolean>): Promise<void> {
  await until(shows, 'the change takes effect', EFFECT_MS, 50)
}
