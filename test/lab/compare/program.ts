import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { isExecutable } from '../../binaries/executable.ts'
import { buildInfo, versionIn } from './build-info.ts'

export interface Program {
  readonly path: string
  /** As the program itself bears it. */
  readonly version: string
}

/** A program of the reader's own: in a folder of KUBELET_CSR_GATE_BINARIES, else on PATH. */
export async function findProgram(name: string): Promise<Program | null> {
  const { KUBELET_CSR_GATE_BINARIES = '', PATH = '' } = process.env
  for (const folder of [KUBELET_CSR_GATE_BINARIES, ...PATH.split(delimiter)].filter(Boolean)) {
    const path = join(folder, name)
    if (!(await isExecutable(path))) continue
    const info = buildInfo(await readFile(path))
    return { path, version: info === null ? 'unknown version' : versionIn(info) }
  }
  return null
}
