import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { CHART } from '../chart/helm.ts'

/** Functions whose result is not the same each time, or that look at a cluster, and values that GitOps controllers lack. */
const NOT_REPEATABLE =
  /\b(lookup|now|date|ago|unixEpoch|uuidv4|rand[A-Z]\w*|gen(CA|PrivateKey|SelfSigned\w+|Signed\w+)|encryptAES|bcrypt|htpasswd|getHostByName|Release\.(IsInstall|IsUpgrade|Revision))\b/

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
