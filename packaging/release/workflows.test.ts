import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { minors } from '../../test/binaries/versions.ts'
import { actionlint, missing, shellcheck } from './tools.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, '.github/workflows')
const files = await readdir(folder)
const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
const { jobs } = parse(await readFile(join(folder, 'release.yml'), 'utf8'))

const scripts = ['.ci/run', ...globSync('{build,charts,test}/**/*.sh', { cwd: root })]

interface Step {
  readonly uses?: string
  readonly run?: string
}

test('every action is pinned by commit, with its version beside it', () => {
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

test('no workflow has a permission that a job did not ask for', () => {
  for (const text of texts) assert.deepEqual(parse(text).permissions, {})
})

test('a job that runs code of dependencies may only read', () => {
  for (const name of ['test', 'minors', 'build'])
    assert.deepEqual(jobs[name].permissions, { contents: 'read' }, name)
})

test('the minors that are proven before a release are those that we say we support', async () => {
  const { jobs: proofs } = parse(await readFile(join(folder, 'minors.yml'), 'utf8'))
  assert.deepEqual(proofs.minor.strategy.matrix.minor, minors)
})

test('the job that may sign checks out nothing and runs no code of dependencies', () => {
  const steps: readonly Step[] = jobs.publish.steps
  assert.deepEqual(jobs.publish.needs, ['test', 'minors', 'build'])
  for (const { uses = '', run = '' } of steps) {
    assert.equal(uses.startsWith('actions/checkout@'), false)
    assert.doesNotMatch(run, /\b(npm|npx|node|go)\b/)
  }
})

test('what an expression holds reaches a shell only through its environment', () => {
  for (const text of texts)
    for (const { steps = [] } of Object.values<{ steps?: readonly Step[] }>(parse(text).jobs))
      for (const { run = '' } of steps) assert.doesNotMatch(run, /\$\{\{/)
})

test('GitHub would read the workflows as they are meant', {
  skip: await missing(['go', 'shellcheck']),
}, async () => {
  assert.equal(await actionlint(files.map((name) => join(folder, name))), '')
})

test('no shell script does what its author did not mean', {
  skip: await missing(['shellcheck']),
}, async () => {
  assert.equal(await shellcheck(scripts.map((name) => join(root, name))), '')
})
