import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { Log } from '../ports.ts'
import { type FileWatch, readText, watchFiles } from '../files.ts'

/** A certificate fit to serve with: key and chain belong together, and it has not expired. */
export interface ServingCertificate {
  /** PEM. */
  readonly key: string
  /** PEM: the leaf, then what leads to its CA. */
  readonly cert: string
  readonly notAfter: Date
  /** SHA-256 of the leaf, as openssl prints it. */
  readonly fingerprint: string
}

export interface CertificatePaths {
  readonly cert: string
  readonly key: string
}

export type LoadedCertificate =
  | { readonly ok: true; readonly certificate: ServingCertificate }
  | { readonly ok: false; readonly faults: readonly string[] }

/** A chain of a few certificates is some kilobytes. */
const FILE_MAX_BYTES = 256 * 1024
/** As controller-runtime's certwatcher polls. */
const EVERY_MS = 10_000

/** Reads both files and lists all that is wrong with them, one line each. `now` in milliseconds since the epoch. */
export async function loadCertificate(paths: CertificatePaths, now: number): Promise<LoadedCertificate> {
  const [cert, key] = await Promise.all([
    readText(paths.cert, FILE_MAX_BYTES),
    readText(paths.key, FILE_MAX_BYTES),
  ])
  if (cert.ok && key.ok) return checkPair({ cert: cert.text, key: key.text }, paths, now)
  const faults = [
    ...(cert.ok ? [] : [`${paths.cert}: ${cert.problem}`]),
    ...(key.ok ? [] : [`${paths.key}: ${key.problem}`]),
  ]
  return { ok: false, faults }
}

/** What is wrong with a pair in memory; `paths` names it in the faults. */
function checkPair(pem: CertificatePaths, paths: CertificatePaths, now: number): LoadedCertificate {
  const leaf = attempt(() => new X509Certificate(pem.cert))
  const key = attempt(() => createPrivateKey(pem.key))
  const faults = [
    ...(leaf === undefined ? [`${paths.cert}: holds no PEM certificate`] : leafFaults(leaf, paths, now)),
  ]
  if (key === undefined) faults.push(`${paths.key}: holds no PEM private key without a passphrase`)
  else if (leaf !== undefined && !leaf.checkPrivateKey(key))
    faults.push(`${paths.key}: does not belong to ${paths.cert}`)
  if (leaf === undefined || faults.length > 0) return { ok: false, faults }
  if (attempt(() => createSecureContext(pem)) === undefined) {
    return {
      ok: false,
      faults: [`${paths.cert}: cannot be served with, its chain or key is not one TLS takes`],
    }
  }
  const { validToDate: notAfter, fingerprint256: fingerprint } = leaf
  return { ok: true, certificate: Object.freeze({ ...pem, notAfter, fingerprint }) }
}

function leafFaults(leaf: X509Certificate, { cert }: CertificatePaths, now: number): string[] {
  const faults: string[] = []
  if (leaf.validToDate.getTime() <= now) faults.push(`${cert}: expired at ${leaf.validToDate.toISOString()}`)
  if (leaf.subjectAltName === undefined) {
    faults.push(`${cert}: has no subject alternative name, and the API server looks at nothing else`)
  }
  return faults
}

export interface CertificateWatchParts {
  readonly paths: CertificatePaths
  /** The certificate that serving starts with. */
  readonly first: ServingCertificate
  readonly log: Log
  /** Files with other content were read: `ok`, or they are unfit and the certificate before stays. */
  readonly read: (ok: boolean) => void
  /** Called with each certificate to serve after the first. */
  readonly onChange: (certificate: ServingCertificate) => void
  readonly now: () => number
  readonly everyMs?: number
}

/** The certificate in service, which follows its files. */
export interface CertificateWatch extends FileWatch {
  served(): ServingCertificate
}

/** Follows the two files. A torn, expired or unreadable pair is logged once, counted, and changes nothing. */
export function watchCertificate(parts: CertificateWatchParts): CertificateWatch {
  let served = parts.first
  let seen = contentOf({ ok: true, certificate: parts.first })
  const check = async (): Promise<void> => {
    const loaded = await loadCertificate(parts.paths, parts.now())
    const content = contentOf(loaded)
    if (content === seen) return
    seen = content
    parts.read(loaded.ok)
    if (!loaded.ok) {
      parts.log.warn({ faults: loaded.faults }, 'the serving certificate is unfit: the one before stays')
      return
    }
    const { fingerprint, notAfter } = loaded.certificate
    parts.log.info({ fingerprint, notAfter }, 'another certificate is served')
    served = loaded.certificate
    parts.onChange(served)
  }
  const files = watchFiles([parts.paths.cert, parts.paths.key], parts.everyMs ?? EVERY_MS, check)
  return { served: () => served, stop: () => files.stop() }
}

/** Another chain for the same leaf is another content. */
function contentOf(loaded: LoadedCertificate): string {
  return loaded.ok ? loaded.certificate.cert + loaded.certificate.key : loaded.faults.join('\n')
}

/** For readiness: what is wrong with a certificate that is being served. */
export function expiryProblem(notAfter: Date, now: number): string | null {
  return notAfter.getTime() > now ? null : `expired at ${notAfter.toISOString()}`
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
