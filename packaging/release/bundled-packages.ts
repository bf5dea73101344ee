import type { Metafile } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** An npm package whose code is in the bundle. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** SPDX expression, as the package states it. */
  readonly license: string
  /** Subresource Integrity of the package's archive; null for code that another package carries within its own. */
  readonly integrity: string | null
  /** Where it lies below the project, such as `node_modules/ajv/node_modules/fast-uri`; null as above. */
  readonly folder: string | null
}

interface Locked {
  readonly version?: string
  readonly license?: string
  readonly integrity?: string
}

interface Carried {
  /** The carrier, and the version whose files were read. */
  readonly by: string
  readonly at: string
  readonly name: string
  /** As the copy states it, else as far as the carrier's package.json tells. */
  readonly version: string
  readonly license: string
}

/**
 * Code that a published package has copied into its own files: neither a metafile nor a lock shows it. Found by
 * reading the bundled files; a test fails when the carrier's version changes, so that they are read again.
 */
export const CARRIED: readonly Carried[] = [
  { by: 'jsonpath-plus', at: '10.4.0', name: 'jsep', version: '1.4.0', license: 'MIT' },
  { by: 'jsonpath-plus', at: '10.4.0', name: '@jsep-plugin/assignment', version: '1.3.0', license: 'MIT' },
  { by: 'jsonpath-plus', at: '10.4.0', name: '@jsep-plugin/regex', version: '1.0.4', license: 'MIT' },
  { by: 'undici', at: '8.12.4', name: 'llhttp', version: 'unknown', license: 'MIT' },
]

/** The innermost package that a module belongs to: `node_modules/@scope/name` or `node_modules/name`. */
const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//

/**
 * Every package that the bundler read a module of, by folder. Also those of which nothing was left over: what a
 * bundler drops is no promise, and too long a list harms nobody.
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
