import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { render, WEBHOOK } from './helm.ts'
import { listOf, nameOf, podSpecOf, textsOf, workloadsIn } from './objects.ts'

const GOLDEN = join(import.meta.dirname, 'rbac.golden.txt')

/** Of every kind of installation that differs in who writes what. */
const installations: Readonly<Record<string, object>> = {
  'split, selfSigned': {},
  'split, certManager': { tls: { mode: 'certManager' } },
  'single, selfSigned': { profile: 'hostNetwork' },
  'single, certManager': { profile: 'hostNetwork', tls: { mode: 'certManager' } },
  'webhook alone, selfSigned': { controller: { enabled: false } },
  'webhook alone, certManager': { controller: { enabled: false }, tls: { mode: 'certManager' } },
  'controller alone': { webhook: { enabled: false } },
  'split, with an inventory and Cluster API': {
    sources: {
      inventory: { configMaps: ['one', 'two'] },
      clusterApi: { namespace: 'capi', cluster: 'prod' },
    },
  },
  'split, with the guard, an inventory and OpenShift': {
    guard: { enabled: true },
    sources: {
      inventory: { configMaps: ['one'] },
      clusterApi: { openshiftNamespace: 'openshift-machine-api' },
    },
  },
  'split, with Machines in a management cluster': {
    sources: { clusterApi: { namespace: 'capi', cluster: 'prod', kubeconfigSecret: 'management' } },
  },
}

/** What the account of a workload is granted, a rule a line. Roles of hooks are bound to accounts of their own. */
function grantedTo(account: string, objects: readonly JsonObject[]): readonly string[] {
  const bindings = objects.filter(({ subjects }) => listOf(subjects).some(({ name }) => name === account))
  return bindings
    .flatMap((binding) => {
      const { kind, name } = objectAt(binding, 'roleRef')
      const where = textAt(objectAt(binding, 'metadata'), 'namespace')
      const role = objects.find(
        (object) =>
          object['kind'] === kind &&
          nameOf(object) === name &&
          textAt(objectAt(object, 'metadata'), 'namespace') === where,
      )
      return listOf(role?.['rules']).map((rule) => `  ${where || '*'}: ${lineOf(rule)}`)
    })
    .toSorted()
}

function lineOf(rule: JsonObject): string {
  const [group = ''] = textsOf(rule, 'apiGroups')
  const resources = textsOf(rule, 'resources').map((resource) => resource + (group && `.${group}`))
  return [textsOf(rule, 'verbs').join(' '), ...resources, ...textsOf(rule, 'resourceNames')].join(' ')
}

test('pods that run the webhook alone can only list and watch, whoever issues their certificate', async () => {
  for (const mode of ['selfSigned', 'certManager']) {
    const objects = await render({ tls: { mode } })
    const granted = grantedTo(WEBHOOK, objects)
    assert.ok(granted.length > 0)
    for (const line of granted) assert.match(line, /^ {2}\S+: list watch /)
  }
})

test('each workload is granted what the golden file lists', async (t) => {
  const lines: string[] = []
  for (const [installation, values] of Object.entries(installations)) {
    const objects = await render(values)
    for (const workload of workloadsIn(objects)) {
      const account = textAt(podSpecOf(workload), 'serviceAccountName')
      lines.push(`# ${installation}: pods of ${nameOf(workload)}, account ${account}`)
      lines.push(...grantedTo(account, objects), '')
    }
  }
  t.assert.fileSnapshot(lines.join('\n'), GOLDEN, { serializers: [String] })
})
