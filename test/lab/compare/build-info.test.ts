import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { resolveBinaries } from '../../binaries/resolve.ts'
import { buildInfo, versionIn } from './build-info.ts'

test('a Go program says of which modules it is', async () => {
  const program = await resolveBinaries(['etcd'])
  const info = buildInfo(await readFile(program('etcd')))
  assert.match(info ?? '', /^(mod|dep)\tgo\.etcd\.io\/etcd\/server\/v3\t/m)
})

test('what is no Go program says nothing', async () => {
  assert.equal(buildInfo(await readFile('/bin/sh')), null)
  assert.equal(buildInfo(Buffer.from('\xff Go buildinf:', 'latin1')), null)
})

test('a version is that of the main module, or the commit of a work tree', () => {
  const commit = 'build\tvcs.revision=14dd0aca331ff078ae3cb0a62ecbfe83b8e3a531\n'
  assert.equal(versionIn(`path\tx\nmod\texample.com/x\tv1.2.14\th1:y=\n${commit}`), 'v1.2.14')
  assert.equal(versionIn(`path\tx\nmod\texample.com/x\t(devel)\t\n${commit}`), '14dd0aca331f')
  assert.equal(versionIn('path\tx\n'), 'unknown version')
})
