import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { objectAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { DEFAULT_MINOR } from '../binaries/versions.ts'
import { called, listOf, only } from '../chart/objects.ts'
import { CHART } from '../chart/helm.ts'
import { desired, rendered } from './desired.ts'
import { subjects } from './profiles.ts'

/** Functions whose result is not the same each time, or that look at a cluster, and values that GitOps controllers lack. */
const NOT_REPEATABLE =
  /\b(lookup|now|date|ago|unixEpoch|uuidv4|rand[A-Z]\w*|gen(CA|PrivateKey|SelfSigned\w+|Signed\w+)|encryptAES|bcrypt|htpasswd|getHostByName|Release\.(IsInstall|IsUpgrade|Revision))\b/

/** What pods and cert-manager write, and the chart must therefore not. */
function writtenByOthers(object: JsonObject): readonly string[] {
  const bundles = listOf(object['webhooks']).filter((webhook) =>
    Object.hasOwn(objectAt(webhook, 'clientConfig'), 'caBundle'),
  )
  return [
    ...(object['kind'] === 'Lease' ? ['is a Lease'] : []),
    ...(object['kind'] === 'Secret' && ('data' in object || 'stringData' in object) ? ['has data'] : []),
    ...bundles.map(() => 'has a caBundle'),
    ...('status' in object ? ['has a status'] : []),
    ...('creationTimestamp' in objectAt(object, 'metadata') ? ['has a creationTimestamp'] : []),
  ].map((what) => `${called(object)} ${what}`)
}

for (const { name, values } of await subjects()) {
  const rendering = { values, minor: DEFAULT_MINOR }
  test(`${name}: the chart renders the same bytes twice, and nothing that pods or cert-manager write`, async () => {
    assert.equal(await rendered(rendering), await rendered(rendering))
    const objects = await desired(rendering)
    const found = objects.flatMap(writtenByOthers)
    // with a Secret of the user, the CA is a value of the user, and nobody else writes it
    const isOwn = name === 'existing-secret'
    assert.deepEqual(
      found,
      isOwn ? [`${called(only(objects, 'ValidatingWebhookConfiguration'))} has a caBundle`] : [],
    )
  })
}

test('what pods write is found in a rendering', () => {
  const named = (kind: string, rest: JsonObject) => ({ kind, metadata: { name: 'x' }, ...rest })
  assert.deepEqual(writtenByOthers(named('Lease', {})), ['Lease x is a Lease'])
  assert.deepEqual(writtenByOthers(named('Secret', { data: {} })), ['Secret x has data'])
  const webhooks = [{ name: 'a', clientConfig: { caBundle: '' } }]
  assert.deepEqual(writtenByOthers(named('ValidatingWebhookConfiguration', { webhooks })), [
    'ValidatingWebhookConfiguration x has a caBundle',
  ])
})

test('no template looks at the cluster, at the time, at chance or at how often the release was installed', async () => {
  const folder = join(CHART, 'templates')
  for (const file of await readdir(folder)) {
    const text = await readFile(join(folder, file), 'utf8')
    const actions = text.match(/\{\{(?!-? ?\/\*)[\s\S]*?\}\}/g) ?? []
    for (const action of actions) assert.doesNotMatch(action, NOT_REPEATABLE, `${file}: ${action}`)
  }
  assert.match('{{ now | date "2006" }}', NOT_REPEATABLE)
  assert.match('{{ genCA "x" 1 }}', NOT_REPEATABLE)
})
