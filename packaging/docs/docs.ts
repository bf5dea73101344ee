import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import project from '../../package.json' with { type: 'json' }
import { dashboard } from '../dashboard/dashboard.ts'
import { derivedFiles } from '../release/derived.ts'
import { chartDocs, type Generated } from './chart-docs.ts'
import { asReleased, installationPages, withVersion } from './installation-docs.ts'
import { referenceDocs } from './reference-docs.ts'
import { released } from './released.ts'

/** Every file that is made from the code, or repeats the version. Nobody edits them by hand; docs.test.ts compares. */
async function allDocs(root: string): Promise<readonly Generated[]> {
  const made = [
    ...(await referenceDocs(root)),
    ...(await chartDocs(root)),
    dashboard(),
    ...(await derivedFiles(root)),
  ]
  const pages = (await installationPages(root, made)).map(({ path, content }) => {
    const current = withVersion(content, project.version)
    return { path, content: released === null ? current : asReleased(current, project.version, released) }
  })
  const paths = new Set(pages.map(({ path }) => path))
  return [...made.filter(({ path }) => !paths.has(path)), ...pages]
}

/** `npm run docs` */
export async function writeDocs(root: string): Promise<void> {
  for (const { path, content } of await allDocs(root)) await writeFile(join(root, path), content)
}

/** The files that `npm run docs` would change. */
export async function staleDocs(root: string): Promise<readonly string[]> {
  const stale: string[] = []
  for (const { path, content } of await allDocs(root))
    if ((await readFile(join(root, path), 'utf8')) !== content) stale.push(path)
  return stale
}
