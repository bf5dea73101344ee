import { execFile } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')

/** What the first release writes into the file that says where it is. */
const RELEASED = /^export const released: Released \| null = null$/mu

/** A clone in which `npm run docs` has written the pages as they are after the release. */
export async function publishPages(
  folder: string,
  released: { readonly registry: string; readonly repository: string },
): Promise<string> {
  const clone = join(folder, 'clone')
  await run('git', ['clone', '--quiet', '--shared', root, clone])
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'))
  const path = join(clone, 'packaging/docs/released.ts')
  const before = await readFile(path, 'utf8')
  const after = before.replace(
    RELEASED,
    `export const released: Released | null = ${JSON.stringify(released)}`,
  )
  if (after === before) throw new Error(`${path} does not say that nothing is released`)
  await writeFile(path, after)
  await run(process.execPath, ['packaging/main.ts', 'docs'], { cwd: clone })
  return clone
}

/** The first `helm install` of a page, in one line. */
export async function helmInstallOf(page: string): Promise<string> {
  const [command] = /^helm install (?:\\\n|[^\n])*/mu.exec(await readFile(page, 'utf8')) ?? []
  if (command === undefined) throw new Error(`${page} has no helm install`)
  return command.replaceAll(/\s*\\\n\s*/gu, ' ')
}
