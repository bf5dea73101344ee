import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import versions from '../../versions.json' with { type: 'json' }

test('the chart is packaged by the Helm that it is tested with', async () => {
  const pinned = await readFile(join(import.meta.dirname, 'toolchain', 'go.mod'), 'utf8')
  assert.ok(pinned.includes(`\thelm.sh/helm/v4 ${versions.helm} `), versions.helm)
})
