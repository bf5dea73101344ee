import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import project from '../package.json' with { type: 'json' }
import { DEFAULT_MINOR, KUBERNETES, minors, versionOf } from '../test/cluster/binaries/versions.ts'
import { code, markdown } from './markdown.ts'

const DEFINITIONS = join(import.meta.dirname, '..', 'test/cluster/toolchain/definitions/go.mod')

const commands = ['npm test', 'npm run e2e', 'npm run minors'] as const

/** What of others we run with, and by which command. */
export function supportTable(): string {
  const row = (what: string, version: string, ...by: readonly (typeof commands)[number][]) => [
    what,
    version,
    ...commands.map((command) => (by.includes(command) ? 'yes' : '')),
  ]
  const kubernetes = minors
    .toReversed()
    .map((minor) =>
      row(
        `Kubernetes ${minor}`,
        KUBERNETES[minor],
        ...(minor === DEFAULT_MINOR ? commands : (['npm run minors'] as const)),
      ),
    )
  const others = [
    row('Helm 4', versionOf('helm', {}), ...commands),
    row('Helm 3', versionOf('helm3', {}), 'npm run minors'),
    row('the kinds of cert-manager', certManager(), 'npm test', 'npm run minors'),
    row('Node, in the image and from source', `v${project.devDependencies.node}`, ...commands),
  ]
  return markdown(['', 'version run', ...commands.map(code)], [...kubernetes, ...others])
}

function certManager(): string {
  const [, version] = /cert-manager\/cert-manager (v\S+)/.exec(readFileSync(DEFINITIONS, 'utf8')) ?? []
  if (version === undefined) throw new Error(`${DEFINITIONS} pins no cert-manager`)
  return version
}
