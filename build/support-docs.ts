import { DEFAULT_MINOR, KUBERNETES, minors, versionOf } from '../test/cluster/binaries/versions.ts'
import { code, markdown } from './markdown.ts'

/** What of others we run with, and by which command. */
export function supportTable(): string {
  const kubernetes = minors
    .toReversed()
    .map((minor) => [`Kubernetes ${minor}`, KUBERNETES[minor], ...runBy(minor === DEFAULT_MINOR)])
  const helms = [
    ['Helm 4', versionOf('helm', {}), ...runBy(true)],
    ['Helm 3', versionOf('helm3', {}), ...runBy(false)],
  ]
  const commands = ['npm test', 'npm run e2e', 'npm run minors'].map(code)
  return markdown(['', 'version run', ...commands], [...kubernetes, ...helms])
}

const runBy = (everything: boolean): readonly string[] =>
  everything ? ['yes', 'yes', 'yes'] : ['', '', 'yes']
