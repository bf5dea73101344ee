/**
 * Runs the scripts of the publish job of release.yml, in their order, against a registry on loopback. bash, jq, skopeo
 * and helm are real; docker, cosign and gh are substitutes. Not tested: what a GitHub runner and actions do.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import project from '../../package.json' with { type: 'json' }
import { startControlPlane } from '../control-plane/control-plane.ts'
import { helmInstallOf, publishPages } from './published-pages.ts'
import { buildTool, missing, type Publishing, publishOnLoopback, SIGNER } from './publishing.ts'
import { evaluated, runStep } from './steps.ts'

const { version } = project
const run = promisify(execFile)
const NAME = `kubelet-csr-gate-${version}`
const IMAGE = 'an-owner/kubelet-csr-gate'
const CHART = 'an-owner/charts/kubelet-csr-gate'
const skip = missing(['go', 'bash', 'jq', 'skopeo'])

let publishing: Publishing
before(async () => {
  if (skip === false) publishing = await publishOnLoopback()
})
after(() => publishing?.[Symbol.asyncDispose]())

test('the pushed image has the digest that the build computed, and every blob is the one that was built', {
  skip,
}, async () => {
  const { registry, publication, workspace } = publishing
  const { digest, archive } = publication.image
  const folder = await workspace('image')
  await run('tar', ['-xf', archive], { cwd: folder })
  const blobs = join(folder, 'blobs/sha256')
  const index = await readFile(join(blobs, digest.replace('sha256:', '')))
  assert.deepEqual(await registry.read(IMAGE, 'manifests', version), index)
  const names = await readdir(blobs)
  // an index, and a manifest, a configuration and three layers for each of two platforms
  assert.ok(names.length > 8, names.join())
  for (const name of names) {
    const content = await readFile(join(blobs, name))
    const kind = content.includes('"schemaVersion":2') ? 'manifests' : 'blobs'
    assert.ok((await registry.read(IMAGE, kind, `sha256:${name}`)).equals(content), name)
  }
})

test('the chart that Helm pulls is the one that was built, and names the image by its digest', {
  skip,
}, async () => {
  const { registry, publication, workspace, environment } = publishing
  const folder = join(await workspace('chart'), 'pulled')
  await mkdir(folder)
  const helm = (...args: readonly string[]) => run('helm', args, { env: environment })
  await helm('pull', `oci://${registry.host}/${CHART}`, '--version', version, '--destination', folder)
  const archive = join(folder, publication.chart.archive)
  assert.deepEqual(await readFile(archive), await readFile(join(folder, '..', publication.chart.archive)))
  const { stdout } = await helm('template', 'webhook', archive)
  const images = [...stdout.matchAll(/^ *(?:- )?image: "?([^"\n]*)/gm)].map(([, name]) => name)
  assert.ok(images.length > 0)
  for (const name of images) assert.equal(name, `${registry.host}/${IMAGE}@${publication.image.digest}`)
})

test('the helm install of the README, as it is after the release, installs what was pushed', {
  skip,
}, async () => {
  const { registry, publication, workspace, environment } = publishing
  const at = `${registry.host}/an-owner`
  const pages = await publishPages(await workspace('pages'), {
    registry: at,
    repository: 'An-Owner/kubelet-csr-gate',
  })
  const command = await helmInstallOf(join(pages, 'README.md'))
  assert.match(command, / oci:\/\/localhost:\d+\/an-owner\/charts\/kubelet-csr-gate --version \S+ /u)
  await using cluster = await startControlPlane()
  await run('sh', ['-c', command], { env: { ...environment, KUBECONFIG: cluster.adminKubeconfig } })
  const { body } = await cluster.adminRequest('GET', '/apis/apps/v1/namespaces/kubelet-csr-gate/deployments')
  const images = [...JSON.stringify(body).matchAll(/"image":"([^"]*)"/gu)].map(([, name]) => name)
  assert.equal(images.length, 2)
  for (const name of images) assert.equal(name, `${at}/kubelet-csr-gate@${publication.image.digest}`)
})

test('signatures are made by digest, for what was pushed', { skip }, () => {
  const { registry, publication, outputs, calls } = publishing
  const image = `${registry.host}/${IMAGE}`
  const attested = publication.platforms.map(
    ({ digest, sbom }) => `cosign attest --yes --type cyclonedx --predicate ${sbom} ${image}@${digest}`,
  )
  const chart = outputs['chart']?.['digest'] ?? ''
  assert.match(chart, /^sha256:[0-9a-f]{64}$/)
  const identity = `--certificate-identity https://github.com/${SIGNER}`
  const verify = `cosign verify ${identity} --certificate-oidc-issuer https://token.actions.githubusercontent.com`
  assert.deepEqual(calls.slice(1, -3), [
    `cosign sign --yes --recursive ${image}@${publication.image.digest}`,
    ...attested,
    `${verify} ${image}@${publication.image.digest}`,
    `cosign sign --yes ${registry.host}/${CHART}@${chart}`,
    `${verify} ${registry.host}/${CHART}@${chart}`,
    'cosign sign-blob --yes --bundle SHA256SUMS.sigstore.json SHA256SUMS',
  ])
})

test('the steps that push can be run again, and push nothing else', { skip }, async () => {
  const { registry, outputs, steps, publication, workspace, environment } = publishing
  const runner = { folder: await workspace('again'), environment, token: registry.password }
  for (const step of steps.filter(({ name = '' }) => name.startsWith('Push the ')))
    await runStep(step, { shell: 'bash -euo pipefail {0}', outputs }, runner)
  const index = await registry.read(IMAGE, 'manifests', version)
  assert.equal(`sha256:${createHash('sha256').update(index).digest('hex')}`, publication.image.digest)
  const chart = await registry.read(CHART, 'manifests', version)
  assert.equal(`sha256:${createHash('sha256').update(chart).digest('hex')}`, outputs['chart']?.['digest'])
})

test('attestations are made for what was pushed', { skip }, async () => {
  const { registry, outputs, steps } = publishing
  const given = steps.flatMap(({ uses = '', with: inputs }) =>
    uses.startsWith('actions/attest@') ? [inputs] : [],
  )
  const of = (input: string) =>
    given.flatMap((inputs) => (inputs?.[input] ? [evaluated(inputs[input], outputs, '')] : []))
  const repositories = of('subject-name').map((name) => name.replace(`${registry.host}/`, ''))
  assert.deepEqual(repositories, [IMAGE, CHART])
  for (const [at, digest] of of('subject-digest').entries())
    await registry.read(repositories[at] ?? '', 'manifests', digest)
  assert.deepEqual(of('subject-checksums'), ['SHA256SUMS'])
})

test('the release page has every file that verification needs, under the tag that was pushed', {
  skip,
}, () => {
  const [view = '', create = '', call = ''] = publishing.calls.slice(-3)
  const page = `v${version} --repo An-Owner/kubelet-csr-gate`
  assert.equal(view, `gh release view ${page}`)
  const notes = `--title v${version} --notes-file RELEASE_NOTES.md`
  assert.equal(
    create,
    `gh release create ${page} --verify-tag --prerelease=${version.includes('-')} ${notes}`,
  )
  assert.ok(call.startsWith(`gh release upload ${page} --clobber `), call)
  const ends = ['.tgz', '.oci.tar']
  const boms = ['-linux-amd64.cdx.json', '-linux-arm64.cdx.json']
  const cli = ['-cli-linux-amd64.tar.gz', '-cli-linux-arm64.tar.gz', '-npm.tgz']
  const manifests = ['install.yaml', 'bootstrap.yaml', 'talos-inline.yaml', 'cluster-resource-set.yaml']
  const sums = ['SHA256SUMS', 'SHA256SUMS.sigstore.json']
  const named = [...ends, ...boms, ...cli].map((end) => NAME + end)
  const files = [...named, 'csr-gate.yaml', ...manifests, `${NAME}-kustomize.tar.gz`, ...sums]
  assert.ok(call.endsWith(` ${files.join(' ')}`), call)
})

test('krew installs the plugin from the archive by the manifest of the release, and kubectl could call it', {
  skip,
}, async () => {
  const folder = await publishing.workspace('krew')
  const krew = await buildTool('krew', folder)
  const krewRoot = join(folder, 'root')
  const env = { ...process.env, KREW_ROOT: krewRoot, KREW_NO_UPGRADE_CHECK: '1' }
  const archive = `${NAME}-cli-linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}.tar.gz`
  const install = (path: string) =>
    run(krew, ['install', '--manifest', join(folder, 'csr-gate.yaml'), '--archive', join(folder, path)], {
      env,
    })
  await assert.rejects(install(publishing.publication.chart.archive), /checksum does not match/)
  await install(archive)
  const { stdout } = await run(join(krewRoot, 'bin/kubectl-csr_gate'), ['version'])
  assert.equal(stdout, `kubelet-csr-gate ${version} on Node ${process.version}\n`)
})

test('a build with another name, version or digest than the workflow expects is not published', {
  skip,
}, async () => {
  const { publication, workspace, environment, steps } = publishing
  const folder = await workspace('elsewhere')
  const [plan = {}] = steps.filter(({ id }) => id === 'plan')
  const { image, platforms } = publication
  const others = [
    { ...publication, version: '9.9.9' },
    { ...publication, image: { ...image, repository: `${image.repository}-2` } },
    { ...publication, image: { ...image, digest: 'latest' } },
    { ...publication, chart: { ...publication.chart, repository: 'oci://example.com' } },
    { ...publication, platforms: [...platforms, { architecture: '../../x', digest: image.digest }] },
  ]
  const runner = { folder, environment, token: '' }
  const planned = async (changed: object): Promise<void> => {
    const text = JSON.stringify(changed)
    await writeFile(join(folder, 'publication.json'), text)
    await writeFile(
      join(folder, 'SHA256SUMS'),
      `${createHash('sha256').update(text).digest('hex')}  publication.json\n`,
    )
    await runStep(plan, { shell: 'bash -euo pipefail {0}', outputs: {} }, runner)
  }
  await planned(publication)
  for (const other of others) await assert.rejects(planned(other), JSON.stringify(other))
})

test('a build with a file that does not have its checksum is not published', { skip }, async () => {
  const { publication, workspace, environment, steps } = publishing
  const folder = await workspace('changed')
  const [plan = {}] = steps.filter(({ id }) => id === 'plan')
  await writeFile(join(folder, publication.chart.archive), 'another chart')
  const runner = { folder, environment, token: '' }
  await assert.rejects(
    runStep(plan, { shell: 'bash -euo pipefail {0}', outputs: {} }, runner),
    /1 computed checksum did NOT match/,
  )
})
