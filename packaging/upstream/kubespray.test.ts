import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'

const UPSTREAM = join(import.meta.dirname, 'kubespray')
const ROLE = 'kubernetes-apps/kubelet-csr-gate'

test('the entry for the list of roles names the role and its switch', async () => {
  const { dependencies } = parse(await readFile(join(UPSTREAM, 'meta.yml'), 'utf8'))
  assert.equal(dependencies.length, 1)
  assert.equal(dependencies[0].role, ROLE)
  const defaults = parse(await readFile(join(UPSTREAM, 'roles', ROLE, 'defaults/main.yml'), 'utf8'))
  assert.ok(dependencies[0].when[0] in defaults)
})
