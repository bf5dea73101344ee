import type { Metafile } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** An npm package whose code is in the bundle. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** SPDX expression, as the package states it. */
  readonly license: string
  /** Subresource Integrity of the package's archive; null for a copy inside another package. */
  readonly integrity: string | null
  /** Below the project, such as `node_modules/ajv/node_modules/fast-uri`; null for a copy inside another package. */
  readonly folder: string | null
}

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
}

interface Carried {
  /** The package with the copy, and its version whose files were read. */
  readonly by: string
  readonly at: string
  readonly name: string
  /** From the copy, or else from the package.json of the package with the copy. */
  readonly version: string
  readonly license: string
}

/**
 * Copies of packages inside other packages, which neither the metafile nor the lock lists. Found by reading the bundled
 * files; a test fails when the version of the outer package changes, so that they are read again.
 */
export const CARRIED: readonly Carried[] = [
  { by: 'jsonpath-plus', at: '10.4.0', name: 'jsep', version: '1.4.0', license: 'MIT' },
  { by: 'jsonpath-plus', at: '10.4.0', name: '@jsep-plugin/assignment', version: '1.3.0', license: 'MIT' },
  { by: 'jsonpath-plus', at: '10.4.0', name: '@jsep-plugin/regex', version: '1.0.4', license: 'MIT' },
]

/** The innermost package that a module belongs to: `node_modules/@scope/name` or `node_modules/name`. */
const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//

/**
 * Every package of which the bundler read a module, even if nothing of it is left in the bundle: a list that is too long
 * does no harm.
 */
export async function bundledPackages(
  root: string,
  { inputs }: Pick<Metafile, 'inputs'>,
): Promise<readonly BundledPackage[]> {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'))
  const own = packageFolders(Object.keys(inputs)).map((folder) => fromLock(folder, packages[folder]))
  const carried = CARRIED.filter(({ by }) => own.some(({ name }) => name === by)).map(
    ({ name, version, license }) => ({ name, version, license, integrity: null, folder: null }),
  )
  return [...own, ...carried].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function packageFolders(modules: readonly string[]): readonly string[] {
  const folders = modules.flatMap((path) => PACKAGE.exec(path)?.[1] ?? [])
  return [...new Set(folders)].sort((a, b) => (a < b ? -1 : 1))
}

function fromLock(folder: string, locked: Locked | undefined): BundledPackage {
  const { version, license, integrity } = locked ?? {}
  if (version === undefined || license === undefined || integrity === undefined)
    throw new Error(`package-lock.json lacks version, license or integrity of ${folder}`)
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
  return { name, version, license, integrity, folder }
}
