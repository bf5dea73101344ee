import type { Config } from '../config.ts'
import type { Api, Clock, Log } from '../ports.ts'
import type { Runs } from '../runs.ts'
import {
  expiryProblem,
  type PemPair,
  type ServingCertificate,
  watchCertificate,
} from './serving-certificate.ts'
import { CertificateRotator } from './rotator.ts'

/** Keeps the webhook's serving certificate current. */
export interface Certificates {
  /** Why the serving certificate is not usable, or null. For readiness. */
  problem(): string | null
  stop(): Promise<void>
}

interface CertificateDependencies {
  readonly config: Pick<Config, 'namespace' | 'tls'>
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

/** Starts to keep the certificate current. `first` is the one in the files, null where this process keeps a self-signed one. */
export function keepCertificates(
  first: ServingCertificate | null,
  dependencies: CertificateDependencies,
): Certificates {
  if (first === null) return new CertificateRotator(dependencies).start()
  const { config, clock, log, recorder, serve } = dependencies
  recorder.certificateServed(first.notAfter)
  const files = watchCertificate({
    paths: config.tls,
    first,
    log,
    now: () => clock.serverNow(),
    onRead: (ok) => recorder.certificateRead(ok),
    onChange(certificate) {
      serve(certificate)
      recorder.certificateServed(certificate.notAfter)
    },
  })
  return {
    problem: () => expiryProblem(files.current().notAfter, clock.serverNow()),
    async stop() {
      files.stop()
    },
  }
}

/**
 * Keeps the self-signed certificate of webhooks in other processes, which read the Secret as files. Null unless that is this
 * process's task.
 */
export function keepForOthers(
  { webhook, certificate }: Runs,
  { recorder, ...dependencies }: Omit<CertificateDependencies, 'serve'>,
): Pick<Certificates, 'stop'> | null {
  if (webhook || certificate !== 'keep') return null
  const certificateRead = (ok: boolean) => recorder.certificateRead(ok)
  return new CertificateRotator({
    ...dependencies,
    recorder: { certificateRead, certificateServed: () => undefined },
    serve: () => undefined,
  }).start()
}
