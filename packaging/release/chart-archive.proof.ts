import assert from 'node:assert/strict'
import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import project from '../../package.json' with { type: 'json' }
import { readTar } from '../image/tar.ts'
import { chartArchive } from './chart-archive.ts'
import { goTool, missing } from './go-tools.ts'

const root = join(import.meta.dirname, '..', '..')
const digest = `sha256:${'a'.repeat(64)}`
const skip = await missing(['go'])
const archiveFor = (registry: string | null, repository: string | null = null): Promise<Uint8Array> =>
  chartArchive(root, project.version, { image: { registry, digest }, repository, date: 0 })

async function valuesIn(archive: Uint8Array): Promise<string> {
  const entries = await readTar(gunzipSync(archive))
  const entry = entries.find(({ path }) => path === 'kubelet-csr-gate/values.yaml')
  return entry?.type === 'file' ? Buffer.from(entry.content).toString() : ''
}

test('the published chart runs the image by its digest, and packaging it again gives the same bytes', {
  skip,
}, async () => {
  const archive = await archiveFor('registry.example/owner')
  assert.ok(Buffer.from(await archiveFor('registry.example/owner')).equals(archive), 'two archives differ')
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'kubelet-csr-gate-archive-'))
  const folder = temporary.path
  const path = join(folder, 'chart.tgz')
  await writeFile(path, archive)
  const output = await goTool('helm', ['template', 'webhook', path])
  const images = [...output.matchAll(/^\s*image: (.*)$/gm)].map(([, image]) => image)
  assert.ok(images.length > 0, output)
  for (const image of images) assert.equal(image, `registry.example/owner/kubelet-csr-gate@${digest}`)
})

test('the comments of the values stay in the published chart', { skip }, async () => {
  const values = await valuesIn(await archiveFor('registry.example/owner'))
  assert.match(values, /^ {2}# .*\n {2}digest: "?sha256:a/m)
})

test('alerts of the published chart link to the runbooks of its version', { skip }, async () => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'kubelet-csr-gate-archive-'))
  const folder = temporary.path
  const urlsWith = async (repository: string | null) => {
    const path = join(folder, 'chart.tgz')
    await writeFile(path, await archiveFor('registry.example/owner', repository))
    const output = await goTool('helm', ['template', path, '--set', 'metrics.prometheusRule.enabled=true'])
    return [...output.matchAll(/runbook_url: (.*)#kubelet/gu)].map(([, url]) => url)
  }
  const urls = await urlsWith('an-owner/a-name')
  assert.ok(urls.length > 20)
  const url = `https://github.com/an-owner/a-name/blob/v${project.version}/docs/on-call.md`
  assert.deepEqual(new Set(urls), new Set([url]))
  assert.deepEqual(await urlsWith(null), [])
})

test('every profile is in the published chart, and can be given to Helm from there', { skip }, async () => {
  const entries = await readTar(gunzipSync(await archiveFor(null)))
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'kubelet-csr-gate-archive-'))
  const folder = temporary.path
  const profiles = (await readdir(join(root, 'charts/kubelet-csr-gate/profiles'))).toSorted()
  assert.ok(profiles.length > 10)
  const archived = entries.flatMap((entry) => (entry.type === 'file' ? [entry] : []))
  const packed = archived.filter(({ path }) => path.startsWith('kubelet-csr-gate/profiles/'))
  assert.deepEqual(packed.map(({ path }) => basename(path)).toSorted(), profiles)
  const chart = join(folder, 'chart.tgz')
  await writeFile(chart, await archiveFor('registry.example/owner'))
  const talos = packed.find(({ path }) => path.endsWith('/talos.yaml'))
  await writeFile(join(folder, 'talos.yaml'), talos?.content ?? '')
  const output = await goTool('helm', ['template', 'one', chart, '--values', join(folder, 'talos.yaml')])
  assert.match(output, /^kind: DaemonSet$/m)
})

test('without a registry the chart has the values of the sources', { skip }, async () => {
  assert.match(await valuesIn(await archiveFor(null)), /^ {2}digest: ""$/m)
})
