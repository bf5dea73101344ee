import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chartDocs, type Generated } from './chart-docs.ts'
import { dashboard } from '../dashboard/dashboard.ts'
import { referenceDocs } from './reference-docs.ts'

/** Everything that `npm run docs` makes from the code. Never edited by hand; test/docs.test.ts compares. */
export async function allDocs(root: string): Promise<readonly Generated[]> {
  return [...(await referenceDocs(root)), ...(await chartDocs(root)), dashboard()]
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..', '..')
  for (const { path, content } of await allDocs(root)) await writeFile(join(root, path), content)
}
