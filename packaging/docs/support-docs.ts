import project from '../../package.json' with { type: 'json' }
import versions from '../../versions.json' with { type: 'json' }
import { code, markdown } from './markdown.ts'

const commands = ['npm run test:kubernetes', 'npm run e2e', 'npx node test/lab/minors.ts'] as const

/** Which versions of Kubernetes, Helm, cert-manager and Node are tested, and by which command. */
export function supportTable(): string {
  const row = (what: string, version: string, ...by: readonly (typeof commands)[number][]) => [
    what,
    version,
    ...commands.map((command) => (by.includes(command) ? 'yes' : '')),
  ]
  const kubernetes = Object.entries(versions.kubernetes)
    .toReversed()
    .map(([minor, version]) => {
      const by = minor === versions.defaultMinor ? commands : (['npx node test/lab/minors.ts'] as const)
      return row(`Kubernetes ${minor}`, version, ...by)
    })
  const others = [
    row('Helm 4', versions.helm, ...commands),
    row('Helm 3', versions.helm3, 'npx node test/lab/minors.ts'),
    row('cert-manager: its kinds', versions['cert-manager'], ...commands),
    row('cert-manager: its controllers', versions['cert-manager'], 'npm run e2e'),
    row('Node, in the image and from source', `v${project.devDependencies.node}`, ...commands),
  ]
  return markdown(['', 'version run', ...commands.map(code)], [...kubernetes, ...others])
}
