import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { bundle } from '../bundle.ts'
import { bundledPackages, CARRIED } from './bundled-packages.ts'
import { isAllowed, thirdPartyLicenses } from './licenses.ts'

const root = join(import.meta.dirname, '..', '..')
const packages = await bundledPackages(root, (await bundle(root)).metafile)

test('every package in the program has an allowed license', () => {
  assert.deepEqual(
    packages.filter(({ license }) => !isAllowed(license)),
    [],
  )
})

test('copies inside a package are looked for again when that package changes', () => {
  for (const { by, at, name } of CARRIED)
    assert.equal(packages.find((bundled) => bundled.name === by)?.version, at, `${by} carries ${name}`)
})

test('OR is allowed when one of its licenses is, AND when all are', () => {
  assert.ok(isAllowed('MIT'))
  assert.ok(isAllowed('(BSD-3-Clause OR GPL-2.0)'))
  assert.ok(isAllowed('MIT AND ISC'))
})

test('a license that is not listed, and an expression that is not understood, are not allowed', () => {
  for (const license of [
    'GPL-3.0',
    'MIT AND GPL-3.0',
    'SEE LICENSE IN LICENSE',
    '',
    '(MIT OR ISC) AND GPL-3.0',
  ])
    assert.equal(isAllowed(license), false, license)
})

test('a package without a license text is refused', async () => {
  const bundled = { name: 'nameless', version: '1.0.0', license: 'MIT', integrity: null, folder: null }
  await assert.rejects(thirdPartyLicenses(root, [bundled]), {
    message: 'nameless ships no license: see WITHOUT_TEXT in packaging/release/licenses.ts',
  })
})
