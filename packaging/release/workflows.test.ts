import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import versions from '../../versions.json' with { type: 'json' }

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, '.github/workflows')
const files = await readdir(folder)
const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
const { jobs } = parse(await readFile(join(folder, 'release.yml'), 'utf8'))

interface Step {
  readonly uses?: string
  readonly run?: string
}

test('every action is pinned by commit, with its version in a comment', () => {
  for (const text of texts)
    for (const [line, action] of text.matchAll(/uses: (.*)$/gm))
      assert.match(String(action), /^(\.\/|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/, line)
})

test('workflows run in the container that the Dockerfile builds in', async () => {
  const [, builder] = /^ARG BUILDER=(.*)$/m.exec(await readFile(join(root, 'Dockerfile'), 'utf8')) ?? []
  const images = texts.flatMap((text) => [...text.matchAll(/image: (.*)$/gm)].map(([, image]) => image))
  assert.ok(images.length > 0)
  for (const image of images) assert.equal(image, builder)
})

test('workflows have the Go of the module that needs the newest: setup-go downloads no other', async () => {
  const modules = await Promise.all(globSync('{packaging,test}/**/go.mod', { cwd: root }).map(goOf))
  const newest = modules.toSorted(compareVersions).at(-1)
  const used = texts.flatMap((text) =>
    [...text.matchAll(/go-version-file: (.*)$/gm)].map(([, file]) => file ?? ''),
  )
  assert.ok(used.length > 2)
  for (const file of used) assert.equal(await goOf(file), newest, file)
})

async function goOf(file: string): Promise<string> {
  return /^go (.*)$/m.exec(await readFile(join(root, file), 'utf8'))?.[1] ?? ''
}

function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}

test('a workflow has no permissions except those of its jobs', () => {
  for (const text of texts) assert.deepEqual(parse(text).permissions, {})
})

test('a job that runs code of dependencies has read-only permissions', () => {
  for (const name of ['test', 'minors', 'build'])
    assert.deepEqual(jobs[name].permissions, { contents: 'read' }, name)
})

test('a release is tested on every minor of Kubernetes that the README calls supported', async () => {
  const { jobs: all } = parse(await readFile(join(folder, 'minors.yml'), 'utf8'))
  assert.deepEqual(all.minor.strategy.matrix.minor, Object.keys(versions.kubernetes))
})

test('the job that signs checks out nothing and runs no code of dependencies', () => {
  const steps: readonly Step[] = jobs.publish.steps
  assert.deepEqual(jobs.publish.needs, ['test', 'minors', 'build'])
  for (const { uses = '', run = '' } of steps) {
    assert.equal(uses.startsWith('actions/checkout@'), false)
    // the name of the archive is no command
    assert.doesNotMatch(run, /(?<!-)\b(npm|npx|node|go)\b/)
  }
})

test('the job that publishes to npm checks out nothing, installs nothing, and may write nothing else', () => {
  const steps: readonly Step[] = jobs.npm.steps
  assert.deepEqual(jobs.npm.needs, ['publish'])
  assert.deepEqual(jobs.npm.permissions, { 'id-token': 'write' })
  assert.deepEqual(
    steps
      .flatMap(({ uses = [] }) => uses)
      .filter((action) => !action.startsWith('actions/download-artifact@')),
    [],
  )
  const commands = steps.flatMap(({ run = '' }) => run.match(/\b(npm|npx|node) .*/g) ?? [])
  assert.equal(commands.length, 2)
  assert.match(commands[0] ?? '', /^npm view "kubelet-csr-gate@\$version" version /)
  assert.match(commands[1] ?? '', /^npm publish "\.\/\$archive" --ignore-scripts /)
})

test('a script gets the value of an expression only through its environment', () => {
  for (const text of texts)
    for (const { steps = [] } of Object.values<{ steps?: readonly Step[] }>(parse(text).jobs))
      for (const { run = '' } of steps) assert.doesNotMatch(run, /\$\{\{/)
})
