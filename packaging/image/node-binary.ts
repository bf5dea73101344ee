import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import locked from './node.lock.json' with { type: 'json' }
import type { Architecture } from './packages.ts'
import { type Download, obtain } from './pinned.ts'
import { type Entry, readTar } from './tar.ts'

export const NODE_VERSION = locked.version

/** The npm package that contains Node for one architecture. */
export interface NodePackage {
  readonly package: string
  /** Subresource Integrity: `sha512-` and base64, of the package's archive. */
  readonly integrity: string
}

export interface Node {
  readonly binary: Uint8Array
  readonly license: Uint8Array
}

/** The package unpacks to 130 MB. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024

export function lockedNode(architecture: Architecture): NodePackage {
  return locked[architecture]
}

/**
 * Node for the image of any architecture. The Node in node_modules is not used: an install script downloaded it, so
 * package-lock.json does not pin it.
 */
export async function obtainNode(architecture: Architecture): Promise<Node> {
  const { package: name, integrity } = lockedNode(architecture)
  const file = `${name}-${NODE_VERSION}.tgz`
  const digest = integrity.replace(/^sha512-/, '')
  const pinned = {
    file,
    algorithm: 'sha512',
    encoding: 'base64',
    digest,
    lock: 'packaging/image/node.lock.json',
  } as const
  const [path = ''] = await obtain([pinned], fromNpm(name))
  const archive = gunzipSync(await readFile(path), { maxOutputLength: MAX_UNPACKED_BYTES })
  const entries = await readTar(archive)
  return { binary: contentOf(entries, 'package/bin/node'), license: contentOf(entries, 'package/LICENSE') }
}

/** Needs no network when `npm ci` has put the package into npm's cache. */
function fromNpm(name: string): Download {
  return ({ run }) => run('npm', ['pack', '--silent', '--prefer-offline', `${name}@${NODE_VERSION}`])
}

function contentOf(entries: readonly Entry[], path: string): Uint8Array {
  const entry = entries.find((candidate) => candidate.path === path)
  if (entry?.type !== 'file') throw new Error(`the package of Node ${NODE_VERSION} has no ${path}`)
  return entry.content
}
