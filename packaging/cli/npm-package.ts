import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BUNDLE_NAME } from '../bundle.ts'
import { type Entry, textFile } from '../image/tar.ts'
import project from '../../package.json' with { type: 'json' }

interface Published {
  readonly version: string
  /** `owner/name` on GitHub: npm compares it with the provenance. */
  readonly repository: string
}

/**
 * The files of the npm package, below `package/` as npm wants them. It has the bundle, because Node does not strip types in
 * node_modules, and so no dependencies.
 */
export async function npmPackage(
  root: string,
  { bundled, completion }: { readonly bundled: Uint8Array; readonly completion: readonly Entry[] },
  published: Published,
): Promise<readonly Entry[]> {
  const copied = async (path: string, name: string): Promise<Entry> =>
    textFile(name, await readFile(join(root, path), 'utf8'))
  const files: readonly Entry[] = [
    { type: 'file', path: BUNDLE_NAME, mode: 0o755, content: bundled },
    textFile('package.json', `${JSON.stringify(manifest(published), null, 2)}\n`),
    await copied('packaging/cli/npm-readme.md', 'README.md'),
    await copied('LICENSE', 'LICENSE'),
    await copied('THIRD_PARTY_LICENSES.md', 'THIRD_PARTY_LICENSES.md'),
    ...completion,
  ]
  return files.map((entry) => ({ ...entry, path: `package/${entry.path}` }))
}

function manifest({ version, repository }: Published): object {
  const url = `https://github.com/${repository}`
  return {
    name: project.name,
    version,
    description: project.description,
    license: project.license,
    keywords: ['kubernetes', 'kubelet', 'csr', 'certificates', 'kubectl-plugin'],
    homepage: `${url}#readme`,
    repository: { type: 'git', url: `git+${url}.git` },
    type: project.type,
    engines: project.engines,
    // kubectl finds a plugin by its file's name
    bin: { [project.name]: BUNDLE_NAME, 'kubectl-csr_gate': BUNDLE_NAME },
    files: [BUNDLE_NAME, 'completion', 'THIRD_PARTY_LICENSES.md'],
    publishConfig: { access: 'public', provenance: true },
  }
}
