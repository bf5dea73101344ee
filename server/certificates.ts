import type { WebhookServer } from './admission/server.ts'
import type { Cluster } from './kube/transport.ts'
import type { TlsOptions } from './options.ts'
import type { Log } from './ports.ts'
import type { Metrics } from './report/metrics.ts'
import { startSelfSigned } from './tls/self-signed.ts'
import { expiryProblem, type ServingCertificate, watchCertificate } from './tls/serving.ts'

/** The certificate that the webhook serves with, kept current. */
export interface Certificates {
  /** For readiness: what is wrong with what is being served. */
  problem(): string | null
  stop(): Promise<void>
}

export interface CertificateParts {
  readonly cluster: Cluster
  readonly log: Log
  readonly metrics: Pick<Metrics, 'certificateServed' | 'certificateRead'>
  readonly webhook: Pick<WebhookServer, 'serveCertificate'>
}

/** Keeps the webhook's certificate current. `first` is the one it was opened with, in the mode that reads files. */
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
  { cluster, log, metrics, webhook }: CertificateParts,
): Certificates {
  let served = first
  metrics.certificateServed(first.notAfter)
  const serve = (certificate: ServingCertificate): void => {
    webhook.serveCertificate(certificate)
    metrics.certificateServed(certificate.notAfter)
    served = certificate
  }
  const now = () => cluster.clock.serverNow()
  const files = watchCertificate({
    paths,
    first,
    log,
    now,
    read: (ok) => metrics.certificateRead(ok),
    onChange: serve,
  })
  return {
    problem: () => expiryProblem(served.notAfter, now()),
    async stop() {
      files.stop()
    },
  }
}

function keepSelfSigned(
  { secret, names, webhookConfiguration }: Extract<TlsOptions, { mode: 'self-signed' }>,
  { cluster, log, metrics, webhook }: CertificateParts,
): Certificates {
  const keeper = startSelfSigned({
    api: cluster,
    clock: cluster.clock,
    log,
    secret,
    names,
    webhook: webhookConfiguration,
    install(serving) {
      webhook.serveCertificate(serving)
      const expiresAt = keeper.expiresAt()
      if (expiresAt !== null) metrics.certificateServed(new Date(expiresAt))
    },
    looked: (well) => metrics.certificateRead(well),
  })
  return { problem: () => keeper.unready(), stop: () => keeper.stop() }
}
