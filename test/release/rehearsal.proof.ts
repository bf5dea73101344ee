/**
 * The publishing job of release.yml, its own lines in their order, against a registry on loopback. docker, cosign and
 * gh are stand-ins; bash, jq, skopeo and helm are real. What a runner and its actions do is not shown.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import project from '../../package.json' with { type: 'json' }
import { readTar } from '../../packaging/image/tar.ts'
import { sha256 } from '../../packaging/release/provenance.ts'
import { missing } from '../../packaging/release/tools.ts'
import { type Rehearsal, rehearse } from './rehearse.ts'
import { evaluated, runStep } from './steps.ts'

const { version } = project
const NAME = `kubelet-csr-gate-${version}`
const IMAGE = 'an-owner/kubelet-csr-gate'
const CHART = 'an-owner/charts/kubelet-csr-gate'
const skip = await missing(['go', 'bash', 'jq', 'skopeo'])

let rehearsal: Rehearsal
before(async () => {
  if (skip === false) rehearsal = await rehearse()
})
after(() => rehearsal?.[Symbol.asyncDispose]())

test('the image can be pulled by the digest that the build foretold, each byte of it as it was built', {
  skip,
}, async () => {
  const { registry, publication, workspace } = rehearsal
  const { digest, layout } = publication.image
  const blobs = readTar(await readFile(join(await workspace('image'), layout))).flatMap((entry) =>
    entry.type === 'file' && entry.path.startsWith('blobs/sha256/') ? [entry] : [],
  )
  const [index] = blobs.filter(({ path }) => path.endsWith(digest.replace('sha256:', '')))
  assert.deepEqual(await registry.read(IMAGE, 'manifests', version), index?.content)
  assert.ok(blobs.some(({ content }) => content.length > 10_000_000))
  for (const { path, content } of blobs) {
    const kind = Buffer.from(content).includes('"schemaVersion":2') ? 'manifests' : 'blobs'
    const pulled = await registry.read(IMAGE, kind, path.replace('blobs/sha256/', 'sha256:'))
    assert.ok(pulled.equals(content), path)
  }
})

test('the chart that helm pulls is the one that was built, and names the image by that digest', {
  skip,
}, async () => {
  const { registry, publication, workspace, environment } = rehearsal
  const folder = join(await workspace('chart'), 'pulled')
  await mkdir(folder)
  const helm = (...args: readonly string[]) => promisify(execFile)('helm', args, { env: environment })
  await helm('pull', `oci://${registry.host}/${CHART}`, '--version', version, '--destination', folder)
  const archive = join(folder, publication.chart.archive)
  assert.deepEqual(await readFile(archive), await readFile(join(folder, '..', publication.chart.archive)))
  const { stdout } = await helm('template', 'webhook', archive)
  const images = [...stdout.matchAll(/^ *(?:- )?image: "?([^"\n]*)/gm)].map(([, name]) => name)
  assert.ok(images.length > 0)
  for (const name of images) assert.equal(name, `${registry.host}/${IMAGE}@${publication.image.digest}`)
})

test('whatever is signed is signed by digest, and is there', { skip }, () => {
  const { registry, publication, outputs, calls } = rehearsal
  const image = `${registry.host}/${IMAGE}`
  const attested = publication.platforms.map(
    ({ digest, sbom }) => `cosign attest --yes --type cyclonedx --predicate ${sbom} ${image}@${digest}`,
  )
  const chart = outputs['chart']?.['digest'] ?? ''
  assert.match(chart, /^sha256:[0-9a-f]{64}$/)
  assert.deepEqual(calls.slice(1, -1), [
    `cosign sign --yes --recursive ${image}@${publication.image.digest}`,
    ...attested,
    `cosign sign --yes ${registry.host}/${CHART}@${chart}`,
    'cosign sign-blob --yes --bundle SHA256SUMS.sigstore.json SHA256SUMS',
  ])
})

test('whatever is attested is there', { skip }, async () => {
  const { registry, outputs, steps } = rehearsal
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

test('the release page has all that a reader needs to verify, under the tag that was pushed', {
  skip,
}, () => {
  const call = rehearsal.calls.at(-1) ?? ''
  const page = `gh release create v${version} --repo An-Owner/kubelet-csr-gate --verify-tag`
  assert.ok(call.startsWith(`${page} --prerelease=${version.includes('-')} `), call)
  const ends = ['.tgz', '.intoto.json', '-linux-amd64.tar', '-linux-arm64.tar']
  const boms = ['-linux-amd64.cdx.json', '-linux-arm64.cdx.json']
  const files = [...[...ends, ...boms].map((end) => NAME + end), 'SHA256SUMS', 'SHA256SUMS.sigstore.json']
  assert.ok(call.endsWith(` ${files.join(' ')}`), call)
})

test('a build that would be published under another name is not published', { skip }, async () => {
  const { publication, workspace, environment, steps } = rehearsal
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
  const planned = async (said: object): Promise<void> => {
    const text = JSON.stringify(said)
    await writeFile(join(folder, 'publication.json'), text)
    await writeFile(join(folder, 'SHA256SUMS'), `${sha256(text)}  publication.json\n`)
    await runStep(plan, { shell: 'bash -euo pipefail {0}', outputs: {} }, runner)
  }
  await planned(publication)
  for (const other of others) await assert.rejects(planned(other), JSON.stringify(other))
})

test('a build whose files are not those of its sums is not published', { skip }, async () => {
  const { publication, workspace, environment, steps } = rehearsal
  const folder = await workspace('changed')
  const [plan = {}] = steps.filter(({ id }) => id === 'plan')
  await writeFile(join(folder, publication.chart.archive), 'another chart')
  const runner = { folder, environment, token: '' }
  await assert.rejects(
    runStep(plan, { shell: 'bash -euo pipefail {0}', outputs: {} }, runner),
    /1 computed checksum did NOT match/,
  )
})
