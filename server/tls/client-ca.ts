import { X509Certificate } from 'node:crypto'
import { type FileWatch, readText, watchFiles } from '../files.ts'
import type { Log } from '../ports.ts'

type LoadedClientCa =
  /** Null if there is no file. */
  | { readonly ok: true; readonly pem: string | null }
  | { readonly ok: false; readonly faults: readonly string[] }

/** A bundle of some hundred CAs. */
const FILE_MAX_BYTES = 256 * 1024
/** As the serving certificate. */
const EVERY_MS = 10_000
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu

/** Reads the CAs that verify API servers, and lists their faults. */
export async function loadClientCa(path: string | null): Promise<LoadedClientCa> {
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

interface ClientCaWatchParts {
  readonly path: string
  /** The initial CAs, as PEM. */
  readonly first: string
  readonly log: Log
  readonly onChange: (pem: string) => void
  readonly everyMs?: number
}

/** Reloads the file when it changes. One with faults is logged once and ignored: the previous CAs stay in use. */
export function watchClientCa({ path, first, log, onChange, everyMs }: ClientCaWatchParts): FileWatch {
  let seen = JSON.stringify({ ok: true, pem: first })
  return watchFiles([path], everyMs ?? EVERY_MS, async () => {
    const loaded = await loadClientCa(path)
    const content = JSON.stringify(loaded)
    if (content === seen) return
    seen = content
    if (!loaded.ok) {
      log.warn({ faults: loaded.faults }, 'the new client CA is not valid: the previous one stays in use')
      return
    }
    log.info({ path }, 'callers are verified by a new client CA')
    if (loaded.pem !== null) onChange(loaded.pem)
  })
}
