import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { talosPatch } from '../manifests/wrapped.ts'

const folder = import.meta.dirname
const read = (path: string): Promise<string> => readFile(join(folder, path), 'utf8')

test('the README lists files that exist', async () => {
  const listed = [...(await read('README.md')).matchAll(/^\| `([^`]+)` \|/gm)].map(([, path = '']) => path)
  assert.equal(listed.length, 6)
  for (const path of listed) assert.ok(existsSync(join(folder, path)), path)
})

test('the machine configuration on the page for Talos has the shape of the patch', async () => {
  const page = await read('talos/kubelet-serving-certificates.mdx')
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => parse(text))
  const shape = parse(talosPatch('# Kubernetes objects\n'))
  assert.deepEqual(blocks, [
    { machine: { kubelet: { extraArgs: { 'rotate-server-certificates': true } } } },
    shape,
  ])
  assert.match(page, /--config-patch-control-plane @talos-inline\.yaml/)
})
