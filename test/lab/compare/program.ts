import { delimiter, join } from 'node:path'
import { isExecutable } from '../../binaries/executable.ts'
import { attempt } from '../../kit/child.ts'

export interface Program {
  readonly path: string
  /** As the program itself bears it; `unknown version` without Go. */
  readonly version: string
}

/** A program of the reader's own: in a folder of KUBELET_CSR_GATE_BINARIES, else on PATH. */
export async function findProgram(name: string): Promise<Program | null> {
  const { KUBELET_CSR_GATE_BINARIES = '', PATH = '' } = process.env
  for (const folder of [KUBELET_CSR_GATE_BINARIES, ...PATH.split(delimiter)].filter(Boolean)) {
    const path = join(folder, name)
    if (await isExecutable(path)) return { path, version: await versionOf(path) }
  }
  return null
}

/** The main module's version; of a build from a work tree, its commit. */
async function versionOf(path: string): Promise<string> {
  const { stdout } = await attempt(['go', 'version', '-m', path])
  const version = /^\tmod\t\S+\t(\S+)/m.exec(stdout)?.[1] ?? 'unknown version'
  const commit = /^\tbuild\tvcs\.revision=(\S{12})/m.exec(stdout)?.[1]
  return version === '(devel)' && commit !== undefined ? commit : version
}
