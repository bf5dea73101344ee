/** Registrations of the webhook at a URL on loopback: entries of the chart, read from its template without Helm. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { isObject, textAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Client } from '../client.ts'
import type { Cluster } from '../cluster.ts'
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

const TEMPLATE = join(import.meta.dirname, '../../../charts/kubelet-csr-gate/templates/webhook.yaml')
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
/** Of the tests' service: its namespace and its account. */
const NAME = 'kubelet-csr-gate'
const LABELS = { 'app.kubernetes.io/name': NAME }

/** The API server learns of a registration, or of its end, by a watch: a moment later. */
const EFFECT_MS = 10_000

/** All entries: without clientConfig, and with a text where the template has a value of the chart. */
export function chartEntries(): readonly JsonObject[] {
  const lines = readFileSync(TEMPLATE, 'utf8').split('\n')
  const yaml = lines.filter((line) => !/^\s*\{\{-.*\}\}$/u.test(line)).join('\n')
  const configuration: unknown = parse(yaml.replaceAll(/\{\{.*?\}\}/gu, NAME))
  const { webhooks } = isObject(configuration) ? configuration : {}
  return Array.isArray(webhooks) ? webhooks.filter(isObject) : []
}

function entry(name: string, { url, caPem, matchCondition, ...registration }: Registration): JsonObject {
  const found = chartEntries().find((one) => textAt(one, 'name') === name)
  if (found === undefined) throw new Error(`the chart has no entry ${name}`)
  const { failurePolicy = 'Ignore', timeoutSeconds = 3 } = registration
  const own = matchCondition === undefined ? [] : [{ name: 'operators-own', expression: matchCondition }]
  const conditions = Array.isArray(found['matchConditions']) ? found['matchConditions'] : []
  return {
    ...found,
    clientConfig: { url, caBundle: Buffer.from(caPem).toString('base64') },
    matchConditions: [...conditions, ...own],
    failurePolicy,
    timeoutSeconds,
  }
}

const webhook = (registration: Registration): JsonObject => entry('webhook.kubelet-csr-gate.io', registration)

async function expectStatus(
  admin: Client,
  [method, path, body]: Parameters<Client['request']>,
  expected: number,
): Promise<void> {
  const { status, body: answer } = await admin.request(method, path, body)
  if (status !== expected) throw new Error(`${method} of a registration: ${status} ${JSON.stringify(answer)}`)
}

export async function registerWebhook(admin: Client, registration: Registration): Promise<void> {
  const body = { metadata: { name: NAME, labels: LABELS }, webhooks: [webhook(registration)] }
  await expectStatus(admin, ['POST', WEBHOOKS, body], 201)
}

/** Replaces what is registered. */
export async function changeWebhook(admin: Client, registration: Registration): Promise<void> {
  await expectStatus(admin, ['PATCH', `${WEBHOOKS}/${NAME}`, { webhooks: [webhook(registration)] }], 200)
}

export async function unregisterWebhook(admin: Client): Promise<void> {
  await expectStatus(admin, ['DELETE', `${WEBHOOKS}/${NAME}`], 200)
}

/** Registers one entry of the chart, by its name. It fails closed, as the guards do by default. */
export async function registerEntry({ admin, caPem }: Cluster, name: string, url: string): Promise<void> {
  const webhooks = [entry(name, { url, caPem, failurePolicy: 'Fail' })]
  await expectStatus(admin, ['POST', WEBHOOKS, { metadata: { name }, webhooks }], 201)
}

/** Repeats a probe until it shows that a change has taken effect. */
export async function untilInEffect(shows: () => Promise<boolean>): Promise<void> {
  await until(shows, 'the change takes effect', EFFECT_MS, 50)
}
