import { X509Certificate } from 'node:crypto'
import { type FileWatch, readText, watchFiles } from '../files.ts'
import type { Log } from '../ports.ts'

/** A file of CAs as it was at the start. Both are null if there is no file. */
export interface CaFile {
  readonly path: string | null
  readonly pem: string | null
}

type LoadedCaFile =
  | { readonly ok: true; readonly file: CaFile }
  | { readonly ok: false; readonly faults: readonly string[] }

/** A bundle of some hundred CAs. */
const FILE_MAX_BYTES = 256 * 1024
/** As the serving certificate. */
const EVERY_MS = 10_000
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu

/** Reads the CAs that certificates of callers or of kubelets are verified by, and lists their faults. */
export async function loadCaFile(path: string | null): Promise<LoadedCaFile> {
  if (path === null) return { ok: true, file: { path, pem: null } }
  const read = await readText(path, FILE_MAX_BYTES)
  if (!read.ok) return { ok: false, faults: [`${path}: ${read.problem}`] }
  const blocks = read.text.match(PEM) ?? []
  if (blocks.length === 0) return { ok: false, faults: [`${path}: contains no PEM certificate`] }
  const faults = blocks.flatMap((block, index) =>
    isAuthority(block) ? [] : [`${path}: certificate ${index + 1} is not the certificate of a CA`],
  )
  return faults.length === 0 ? { ok: true, file: { path, pem: blocks.join('\n') } } : { ok: false, faults }
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
export function watchCaFile(options: CaFileWatchOptions): WatchedCa {
  const { first, log, messages, onChange, everyMs = EVERY_MS } = options
  const { path } = first
  let { pem } = first
  if (path === null) return { pem: () => null, stop: () => undefined }
  let seen = JSON.stringify({ ok: true, file: first })
  const watch = watchFiles([path], everyMs, async () => {
    const loaded = await loadCaFile(path)
    const content = JSON.stringify(loaded)
    if (content === seen) return
    seen = content
    if (!loaded.ok) {
      log.warn({ faults: loaded.faults }, messages.faulty)
      return
    }
    log.info({ path }, messages.changed)
    pem = loaded.file.pem
    if (pem !== null) onChange?.(pem)
  })
  return { pem: () => pem, stop: () => watch.stop() }
}
