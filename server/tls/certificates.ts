import type { Api, Clock, Log } from '../ports.ts'
import type { TlsOptions } from '../options.ts'
import { expiryProblem, type ServingCertificate, watchCertificate } from './files.ts'
import { startSelfSigned } from './self-signed.ts'
import type { PemPair } from './self-signed-keeper.ts'

/** The certificate that the webhook serves with, kept current. */
export interface Certificates {
  /** For readiness: what is wrong with what is being served. */
  problem(): string | null
  stop(): Promise<void>
}

export interface CertificateParts {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly instruments: {
    certificateServed(notAfter: Date): void
    certificateRead(ok: boolean): void
  }
  /** Serves new connections with another certificate. */
  readonly serve: (certificate: PemPair) => void
}

/** Keeps the certificate current. `first` is the one that serving began with, in the mode that reads files. */
export function keepCertificates(
  tls: TlsOptions,
  first: ServingCertificate | null,
  parts: CertificateParts,
): Certificates {
  if (tls.mode === 'self-signed') return keepSelfSigned(tls, parts)
  if (first === null) throw new Error('serving from files starts with a certificate')
  return keepFiles(tls, first, parts)
}

function keepFiles(
  paths: Extract<TlsOptions, { mode: 'files' }>,
  first: ServingCertificate,
  { clock, log, instruments, serve }: CertificateParts,
): Certificates {
  const now = () => clock.serverNow()
  instruments.certificateServed(first.notAfter)
  const files = watchCertificate({
    paths,
    first,
    log,
    now,
    read: (ok) => instruments.certificateRead(ok),
    onChange(certificate) {
      serve(certificate)
      instruments.certificateServed(certificate.notAfter)
    },
  })
  return {
    problem: () => expiryProblem(files.served().notAfter, now()),
    async stop() {
      files.stop()
    },
  }
}

function keepSelfSigned(
  { secret, names, webhookConfiguration }: Extract<TlsOptions, { mode: 'self-signed' }>,
  { api, clock, log, instruments, serve }: CertificateParts,
): Certificates {
  const keeper = startSelfSigned({
    api,
    clock,
    log,
    secret,
    names,
    webhookConfiguration,
    install({ cert, key, notAfter }) {
      serve({ cert, key })
      instruments.certificateServed(new Date(notAfter))
    },
    looked: (well) => instruments.certificateRead(well),
  })
  return { problem: () => keeper.unready(), stop: () => keeper.stop() }
}
