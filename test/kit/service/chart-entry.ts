/** Entries of the chart's ValidatingWebhookConfiguration, read from its template without Helm. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { isObject, textAt } from '../../../server/json.ts'
import type { JsonObject } from '../../../server/ports.ts'
import type { Cluster } from '../cluster.ts'

const TEMPLATE = join(import.meta.dirname, '../../../charts/kubelet-csr-gate/templates/webhook.yaml')
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
/** Of the tests' service: its namespace and its account. */
const NAME = 'kubelet-csr-gate'

/** All entries: without clientConfig, and with a text where the template has a value of the chart. */
export function chartEntries(): readonly JsonObject[] {
  const lines = readFileSync(TEMPLATE, 'utf8').split('\n')
  const yaml = lines.filter((line) => !/^\s*\{\{-.*\}\}$/u.test(line)).join('\n')
  const configuration: unknown = parse(yaml.replaceAll(/\{\{.*?\}\}/gu, NAME))
  const { webhooks } = isObject(configuration) ? configuration : {}
  return Array.isArray(webhooks) ? webhooks.filter(isObject) : []
}

/** Registers one entry of the chart, by its name, for a webhook on loopback. It fails closed, as the guards do by default. */
export async function registerEntry(cluster: Cluster, name: string, url: string): Promise<void> {
  const entry = chartEntries().find((one) => textAt(one, 'name') === name)
  if (entry === undefined) throw new Error(`the chart has no entry ${name}`)
  const caBundle = Buffer.from(cluster.caPem).toString('base64')
  const filled = { ...entry, clientConfig: { url, caBundle }, failurePolicy: 'Fail', timeoutSeconds: 3 }
  const { status, body } = await cluster.adminRequest('POST', WEBHOOKS, {
    metadata: { name },
    webhooks: [filled],
  })
  if (status !== 201) throw new Error(`${name} cannot be registered: ${status} ${textAt(body, 'message')}`)
}
