import { X509Certificate } from 'node:crypto'
import { type FileWatch, readText, watchFiles } from '../files.ts'
import type { Log } from '../ports.ts'

type LoadedCaFile =
  /** Null if there is no file. */
  | { readonly ok: true; readonly pem: string | null }
  | { readonly ok: false; readonly faults: readonly string[] }

/** A bundle of some hundred CAs. */
const FILE_MAX_BYTES = 256 * 1024
/** As the serving certificate. */
const EVERY_MS = 10_000
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu

/** Reads the CAs that certificates of callers or of kubelets are verified by, and lists their faults. */
export async function loadCaFile(path: string | null): Promise<LoadedCaFile> {
  if (path === null) return { ok: true, pem: null }
  const read = await readText(path, FILE_MAX_BYTES)
  if (!read.ok) return { ok: false, faults: [`${path}: ${read.problem}`] }
  const blocks = read.text.match(PEM) ?? []
  if (blocks.length === 0) return { ok: false, faults: [`${path}: contains no PEM certificate`] }
  const faults = blocks.flatMap((block, index) =>
    isAuthority(block) ? [] : [`${path}: certificate ${index + 1} is not the certificate of a CA`],
  )
  return faults.length === 0 ? { ok: true, pem: blocks.join('\n') } : { ok: false, faults }
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca
  } catch {
    return false
  }
}

interface CaFileWatchParts {
  readonly path: string
  /** The initial CAs, as PEM. */
  readonly first: string
  readonly log: Log
  /** Logged with a change, and with one that has faults. */
  readonly messages: { readonly changed: string; readonly faulty: string }
  readonly onChange: (pem: string) => void
  readonly everyMs?: number
}

/** Reloads the file when it changes. One with faults is logged once and ignored: the previous CAs stay in use. */
export function watchCaFile({ path, first, log, messages, onChange, everyMs }: CaFileWatchParts): FileWatch {
  let seen = JSON.stringify({ ok: true, pem: first })
  return watchFiles([path], everyMs ?? EVERY_MS, async () => {
    const loaded = await loadCaFile(path)
    const content = JSON.stringify(loaded)
    if (content === seen) return
    seen = content
    if (!loaded.ok) {
      log.warn({ faults: loaded.faults }, messages.faulty)
      return
    }
    log.info({ path }, messages.changed)
    if (loaded.pem !== null) onChange(loaded.pem)
  })
}
