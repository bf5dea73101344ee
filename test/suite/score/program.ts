import { delimiter, join } from 'node:path'
import { isExecutable } from '../../binaries/executable.ts'
import type { Program as Pinned } from '../../binaries/programs.ts'
import { resolveBinaries } from '../../binaries/resolve.ts'
import { attempt } from '../../kit/child.ts'

export interface Program {
  readonly path: string
  /** As the program itself bears it; `unknown version` without Go. */
  readonly version: string
}

/** A program of the reader’s own: in the folder KUBELET_CSR_GATE_BINARIES, else on PATH. */
export async function findProgram(name: string): Promise<Program | null> {
  const { KUBELET_CSR_GATE_BINARIES = '', PATH = '' } = process.env
  for (const folder of [KUBELET_CSR_GATE_BINARIES, ...PATH.split(delimiter)].filter(Boolean)) {
    const path = join(folder, name)
    if (await isExecutable(path)) return { path, version: await versionOf(path) }
  }
  return null
}

/** As {@link findProgram}; else from the cache, where it is built from the Go modules that the toolchain pins. */
export async function obtainProgram(name: Pinned): Promise<Program> {
  const found = await findProgram(name)
  if (found !== null) return found
  const path = (await resolveBinaries([name]))(name)
  return { path, version: await versionOf(path) }
}

/** The main module's version; of a build from a work tree, its commit. */
async function versionOf(path: string): Promise<string> {
  const { stdout } = await attempt(['go', 'version', '-m', path])
  const version = /^\tmod\t\S+\t(\S+)/m.exec(stdout)?.[1] ?? 'unknown version'
  const commit = /^\tbuild\tvcs\.revision=(\S{12})/m.exec(stdout)?.[1]
  return version === '(devel)' && commit !== undefined ? commit : version
}
