import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { bundle } from '../bundle.ts'
import { ARCHITECTURES, lockedPackages } from '../image/packages.ts'
import { bundledPackages } from './bundled-packages.ts'
import { DEBIAN_LICENSES, sbom } from './sbom.ts'

const root = join(import.meta.dirname, '..', '..')
const { metafile } = await bundle(root)
const bundled = await bundledPackages(root, metafile)
const image = {
  version: '1.2.3',
  digest: `sha256:${'a'.repeat(64)}`,
  bundled,
  bundleSha256: 'b'.repeat(64),
  date: 0,
}

for (const architecture of ARCHITECTURES) {
  const { components, metadata, dependencies } = JSON.parse(sbom({ ...image, architecture }))
  const purls: readonly string[] = components.map(({ purl }: { purl?: string }) => String(purl))

  test(`every module of the bundle is ours or of a package in the SBOM (${architecture})`, () => {
    for (const path of Object.keys(metafile.inputs)) {
      // Ours, and stand-ins for modules of Node itself.
      if (/^(cli|policies|server)\/|^package\.json$|^(required|cut):node:/.test(path)) continue
      const [, name = ''] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? []
      const purl = `pkg:npm/${name.replace('@', '%40')}@`
      assert.ok(name !== '' && purls.some((known) => known.startsWith(purl)), `${path} is of no component`)
    }
  })

  test(`two versions of one package are two components, one version in two folders is one (${architecture})`, () => {
    const versions = purls.filter((purl) => purl.startsWith('pkg:npm/fast-uri@'))
    const bundledOnes = bundled.filter(({ name }) => name === 'fast-uri').map(({ version }) => version)
    assert.equal(versions.length, new Set(bundledOnes).size)
    assert.equal(new Set(versions).size, versions.length)
  })

  test(`every Debian package is in the SBOM by the digest of the lock, with a license (${architecture})`, () => {
    for (const { name, sha256 } of lockedPackages(architecture)) {
      const component = components.find((candidate: { name: string }) => candidate.name === name)
      assert.deepEqual(component.hashes, [{ alg: 'SHA-256', content: sha256 }], name)
      assert.deepEqual(component.licenses, [{ expression: DEBIAN_LICENSES[name] }], name)
      assert.match(component.purl, new RegExp(`\\?arch=${architecture}&distro=debian-12$`))
    }
  })

  test(`Node is in the SBOM with the OpenSSL and the V8 that are compiled into it (${architecture})`, () => {
    const node = components.find((candidate: { type: string }) => candidate.type === 'platform')
    const inside = new Map(
      node.components.map((part: { name: string; version: string }) => [part.name, part.version]),
    )
    assert.equal(inside.get('openssl'), process.versions.openssl)
    assert.equal(inside.get('v8'), process.versions.v8)
  })

  test(`the SBOM names the image by its digest, and each component once (${architecture})`, () => {
    assert.equal(metadata.component.version, image.digest)
    const refs = components.map((component: { 'bom-ref': string }) => component['bom-ref'])
    assert.equal(new Set(refs).size, refs.length)
    assert.deepEqual(dependencies[0].dependsOn, refs)
  })
}
