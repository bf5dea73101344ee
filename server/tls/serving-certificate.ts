import { createPrivateKey, X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { Config } from '../config.ts'
import { readText } from '../files.ts'
import type { Log } from '../ports.ts'
import { type Checked, reload, type Reloaded } from './reload.ts'

/** A certificate chain and its key, in PEM. */
export interface PemPair {
  readonly key: string
  /** The leaf, then its intermediate CAs. */
  readonly cert: string
}

/** A valid serving certificate: the key matches, and it has not expired. */
export interface ServingCertificate extends PemPair {
  readonly notAfter: Date
  /** SHA-256 of the leaf, as openssl prints it. */
  readonly fingerprint: string
}

export type CertificatePaths = Pick<Config['tls'], 'certFile' | 'keyFile'>

export type LoadedCertificate =
  | { readonly ok: true; readonly certificate: ServingCertificate }
  | { readonly ok: false; readonly faults: readonly string[] }

/** A chain of a few certificates has some kilobytes. */
const FILE_MAX_BYTES = 256 * 1024

/** Reads both files, and lists all their faults, one line each. `now` is in milliseconds since the epoch. */
export async function loadCertificate(paths: CertificatePaths, now: number): Promise<LoadedCertificate> {
  const checked = checkPair(await readPair(paths), paths, now)
  return checked.ok ? { ok: true, certificate: checked.value } : checked
}

async function readPair(paths: CertificatePaths): Promise<Checked<PemPair>> {
  const [cert, key] = await Promise.all([
    readText(paths.certFile, FILE_MAX_BYTES),
    readText(paths.keyFile, FILE_MAX_BYTES),
  ])
  if (cert.ok && key.ok) return { ok: true, value: { cert: cert.text, key: key.text } }
  const faults = [
    ...(cert.ok ? [] : [`${paths.certFile}: ${cert.problem}`]),
    ...(key.ok ? [] : [`${paths.keyFile}: ${key.problem}`]),
  ]
  return { ok: false, faults }
}

function checkPair(
  pair: Checked<PemPair>,
  paths: CertificatePaths,
  now: number,
): Checked<ServingCertificate> {
  if (!pair.ok) return pair
  const pem = pair.value
  const leaf = attempt(() => new X509Certificate(pem.cert))
  const key = attempt(() => createPrivateKey(pem.key))
  const faults = [
    ...(leaf === undefined
      ? [`${paths.certFile}: contains no PEM certificate`]
      : leafFaults(leaf, paths, now)),
  ]
  if (key === undefined)
    faults.push(`${paths.keyFile}: contains no PEM private key, or one with a passphrase`)
  else if (leaf !== undefined && !leaf.checkPrivateKey(key))
    faults.push(`${paths.keyFile}: does not match ${paths.certFile}`)
  if (leaf === undefined || faults.length > 0) return { ok: false, faults }
  if (attempt(() => createSecureContext(pem)) === undefined) {
    return { ok: false, faults: [`${paths.certFile}: cannot be used for TLS, check the chain and the key`] }
  }
  const { validToDate: notAfter, fingerprint256: fingerprint } = leaf
  return { ok: true, value: Object.freeze({ ...pem, notAfter, fingerprint }) }
}

function leafFaults(leaf: X509Certificate, { certFile }: CertificatePaths, now: number): string[] {
  const faults: string[] = []
  if (leaf.validToDate.getTime() <= now)
    faults.push(`${certFile}: expired at ${leaf.validToDate.toISOString()}`)
  if (leaf.subjectAltName === undefined) {
    faults.push(`${certFile}: has no subject alternative name, which the API server requires`)
  }
  return faults
}

export interface CertificateWatchOptions {
  readonly paths: CertificatePaths
  /** The initial certificate. */
  readonly first: ServingCertificate
  readonly log: Log
  /** Called when the files have new content. `ok` is false if it is not valid and the previous certificate stays. */
  readonly onRead: (ok: boolean) => void
  /** Called with each new certificate. */
  readonly onChange: (certificate: ServingCertificate) => void
  readonly now: () => number
  readonly everyMs?: number
}

/** Reloads the two files when they change. A mismatched, expired or unreadable pair is logged once, counted and ignored. */
export function watchCertificate({
  paths,
  now,
  ...options
}: CertificateWatchOptions): Reloaded<ServingCertificate> {
  return reload({
    ...options,
    paths: [paths.certFile, paths.keyFile],
    read: () => readPair(paths),
    check: (pair) => checkPair(pair, paths, now()),
    messages: {
      changed: 'serving a new certificate',
      faulty: 'the new serving certificate is not valid: the previous one stays in use',
    },
    fieldsOf: ({ fingerprint, notAfter }) => ({ fingerprint, notAfter }),
  })
}

/** Why a serving certificate is not usable at `now`, or null. For readiness. */
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
