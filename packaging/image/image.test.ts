import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import project from '../../package.json' with { type: 'json' }
import { ENTRYPOINT, ENVIRONMENT, IMAGE, LABELS } from './image-config.ts'
import { NODE_VERSION } from './node-binary.ts'
import { ARCHITECTURES, lockedPackages } from './packages.ts'

const dockerfile = await readFile(join(import.meta.dirname, '..', '..', 'Dockerfile'), 'utf8')

test('the Dockerfile makes the same image: files, user, entrypoint, labels', () => {
  const quoted = (words: readonly string[]): string => `[${words.map((word) => `"${word}"`).join(', ')}]`
  const lines = dockerfile.replaceAll('\\\n', '').split('\n')
  const after = (word: string): string | undefined =>
    lines.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
  assert.equal(after('ENTRYPOINT'), quoted(ENTRYPOINT))
  assert.equal(after('CMD'), quoted(IMAGE.command))
  assert.equal(after('USER'), IMAGE.user)
  assert.equal(after('WORKDIR'), IMAGE.workingDirectory)
  assert.equal(after('ENV'), ENVIRONMENT.join(' '))
  assert.equal(after('ARG'), `VERSION=${project.version}`)
  const { node, program, license, thirdPartyLicenses, nodeLicense } = IMAGE
  for (const path of [node, program, license, thirdPartyLicenses, nodeLicense])
    assert.ok(
      lines.some((line) => line.startsWith('COPY') && line.endsWith(` ${path}`)),
      path,
    )
  for (const [label, value] of Object.entries(LABELS))
    assert.ok(dockerfile.includes(`${label}="${value}"`), label)
})

test('the image has the Node that everything is tested with, and the same packages for each architecture', () => {
  assert.equal(NODE_VERSION, project.devDependencies.node)
  const names = ARCHITECTURES.map((architecture) => lockedPackages(architecture).map(({ name }) => name))
  for (const list of names) assert.deepEqual(list, names[0])
})

test('the bases of the Dockerfile are pinned by digest', () => {
  const bases = [...dockerfile.matchAll(/^ARG (?:BUILDER|BASE)=(.*)$/gm)].map(([, base]) => base)
  assert.equal(bases.length, 2)
  for (const base of bases) assert.match(String(base), /@sha256:[0-9a-f]{64}$/)
})
