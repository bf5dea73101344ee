import { X509Certificate } from 'node:crypto'
import { type FileWatch, readText, type TextReading } from '../files.ts'
import { certificatesIn } from '../certificate-pem.ts'
import type { Log } from '../ports.ts'
import { type Checked, reload } from './reload.ts'

/** A file of CAs as it was at the start. */
export interface CaFile {
  /** Empty if there is no file. */
  readonly path: string
  /** Null if there is no file. */
  readonly pem: string | null
}

type LoadedCaFile =
  | { readonly ok: true; readonly file: CaFile }
  | { readonly ok: false; readonly faults: readonly string[] }

/** A bundle of some hundred CAs. */
const FILE_MAX_BYTES = 256 * 1024

/** Reads the CAs that certificates of callers or of kubelets are verified by, and lists their faults. An empty path: none. */
export async function loadCaFile(path: string): Promise<LoadedCaFile> {
  if (path === '') return { ok: true, file: { path, pem: null } }
  const checked = checkCas(await readText(path, FILE_MAX_BYTES), path)
  return checked.ok ? { ok: true, file: { path, pem: checked.value } } : checked
}

function checkCas(read: TextReading, path: string): Checked<string> {
  if (!read.ok) return { ok: false, faults: [`${path}: ${read.problem}`] }
  const blocks = certificatesIn(read.text)
  if (blocks.length === 0) return { ok: false, faults: [`${path}: contains no PEM certificate`] }
  const faults = blocks.flatMap((block, index) =>
    isAuthority(block) ? [] : [`${path}: certificate ${index + 1} is not the certificate of a CA`],
  )
  return faults.length === 0 ? { ok: true, value: blocks.join('\n') } : { ok: false, faults }
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca
  } catch {
    return false
  }
}

interface CaFileWatchOptions {
  readonly first: CaFile
  readonly log: Log
  /** Logged with a change, and with one that has faults. */
  readonly messages: { readonly changed: string; readonly faulty: string }
  readonly onChange?: (pem: string) => void
  readonly everyMs?: number
}

/** The CAs of a file, as PEM; null if there is no file. */
export interface WatchedCa extends FileWatch {
  pem(): string | null
}

/** Reloads the file when it changes. One with faults is logged once and ignored: the previous CAs stay in use. */
export function watchCaFile({ first: { path, pem }, ...options }: CaFileWatchOptions): WatchedCa {
  if (pem === null) return { pem: () => null, stop: () => undefined }
  const file = reload({
    ...options,
    paths: [path],
    first: pem,
    read: () => readText(path, FILE_MAX_BYTES),
    check: (read) => checkCas(read, path),
    fieldsOf: () => ({ path }),
  })
  return { pem: () => file.current(), stop: () => file.stop() }
}
