import type { Api, Clock, Log } from '../ports.ts'
import type { ServeOptions, TlsOptions } from '../options.ts'
import { expiryProblem, type PemPair, type ServingCertificate, watchCertificate } from './files.ts'
import { startSelfSigned } from './self-signed.ts'

type SelfSignedTls = Extract<TlsOptions, { mode: 'self-signed' }>

/** Keeps the webhook's serving certificate current. */
export interface Certificates {
  /** Why the serving certificate is not usable, or null. For readiness. */
  problem(): string | null
  stop(): Promise<void>
}

export interface CertificateParts {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly recorder: {
    certificateServed(notAfter: Date): void
    certificateRead(ok: boolean): void
  }
  /** Uses a certificate for new connections. */
  readonly serve: (certificate: PemPair) => void
}

/** Starts to keep the certificate current. `first` is the initial certificate, null in self-signed mode. */
export function keepCertificates(
  tls: TlsOptions,
  first: ServingCertificate | null,
  parts: CertificateParts,
): Certificates {
  if (tls.mode === 'self-signed') return keepSelfSigned(tls, parts)
  if (first === null) throw new Error('mode files requires an initial certificate')
  return keepFiles(tls, first, parts)
}

function keepFiles(
  paths: Extract<TlsOptions, { mode: 'files' }>,
  first: ServingCertificate,
  { clock, log, recorder, serve }: CertificateParts,
): Certificates {
  const now = () => clock.serverNow()
  recorder.certificateServed(first.notAfter)
  const files = watchCertificate({
    paths,
    first,
    log,
    now,
    read: (ok) => recorder.certificateRead(ok),
    onChange(certificate) {
      serve(certificate)
      recorder.certificateServed(certificate.notAfter)
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
  { secret, names, webhookConfiguration }: SelfSignedTls,
  { api, clock, log, recorder, serve }: CertificateParts,
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
      recorder.certificateServed(new Date(notAfter))
    },
    reconciled: (well) => recorder.certificateRead(well),
  })
  return { problem: () => keeper.unready(), stop: () => keeper.stop() }
}

/**
 * Keeps the self-signed certificate of webhooks in other processes, which read the Secret as files. Null unless that is this
 * process's task.
 */
export function keepForOthers(
  { webhook, tls }: Pick<ServeOptions, 'webhook' | 'tls'>,
  { recorder, ...parts }: Omit<CertificateParts, 'serve'>,
): Pick<Certificates, 'stop'> | null {
  if (webhook || tls?.mode !== 'self-signed') return null
  const certificateRead = (ok: boolean) => recorder.certificateRead(ok)
  return keepSelfSigned(tls, {
    ...parts,
    recorder: { certificateRead, certificateServed: () => undefined },
    serve: () => undefined,
  })
}
