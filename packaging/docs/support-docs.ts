import project from '../../package.json' with { type: 'json' }
import { DEFAULT_MINOR, KUBERNETES, minors, versionOf } from '../../test/binaries/versions.ts'
import { code, markdown } from './markdown.ts'

const commands = ['npm test', 'npm run e2e', 'node test/lab/minors.ts'] as const

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
        ...(minor === DEFAULT_MINOR ? commands : (['node test/lab/minors.ts'] as const)),
      ),
    )
  const others = [
    row('Helm 4', versionOf('helm', {}), ...commands),
    row('Helm 3', versionOf('helm3', {}), 'node test/lab/minors.ts'),
    row('cert-manager: its kinds', versionOf('cert-manager', {}), ...commands),
    row('cert-manager: its controllers', versionOf('cert-manager', {}), 'npm run e2e'),
    row('Node, in the image and from source', `v${project.devDependencies.node}`, ...commands),
  ]
  return markdown(['', 'version run', ...commands.map(code)], [...kubernetes, ...others])
}
