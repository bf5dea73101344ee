import type { AddressInfo } from 'node:net'
import { parsePrefix } from '../../policies/address.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Config } from '../config.ts'
import type { BootstrapJudge } from '../facts/bootstrap-judge.ts'
import type { Api, Clock, Judge, Log, Report } from '../ports.ts'
import type { MetricsRecorder } from '../report/recorder.ts'
import { type CaFile, watchCaFile } from '../tls/ca-file.ts'
import { keepCertificates } from '../tls/certificates.ts'
import type { ServingCertificate } from '../tls/serving-certificate.ts'

interface WebhookDependencies {
  readonly config: Config
  readonly judging: { readonly judge: Judge; readonly judgeBootstrap: BootstrapJudge }
  /** The policy in force. */
  readonly rules: () => Rules
  readonly report: Report
  /** The one in the files, null where this process keeps a self-signed one. */
  readonly certificate: ServingCertificate | null
  /** The CAs that verify client certificates. Without them none is asked for. */
  readonly clientCa: CaFile
  readonly cluster: Api & { readonly clock: Clock }
  readonly log: Log
  readonly recorder: MetricsRecorder
}

export interface Webhook {
  readonly address: AddressInfo
  /** Why the serving certificate is not usable, or null. For readiness. */
  problem(): string | null
  drain(): void
  stop(): Promise<void>
}

/** In self-signed mode it listens before it has a certificate; until then handshakes fail. */
export async function startWebhook(dependencies: WebhookDependencies): Promise<Webhook> {
  const { config, judging, rules, report, certificate, clientCa } = dependencies
  const { cluster, log, recorder } = dependencies
  const { clock } = cluster
  // Fastify is a tenth of the memory of a process that runs only the controller.
  const { createWebhookServer } = await import('./server.ts')
  const server = createWebhookServer({
    judge: judging.judge,
    judgeBootstrap: judging.judgeBootstrap,
    rules,
    report,
    breakGlassGroups: config.guard.breakGlassGroups,
    certificate,
    clientCa: clientCa.pem,
    callers: config.webhook.callers.flatMap((caller) => parsePrefix(caller) ?? []),
    clock,
    log,
    recorder,
  })
  const address = await server.listen({ host: config.listenAddress, port: config.webhook.port })
  log.info({ address: address.address, port: address.port }, 'serving the webhook')
  const serve = (pair: { readonly cert: string; readonly key: string }) => server.serveCertificate(pair)
  const certificates = keepCertificates(certificate, { config, api: cluster, clock, log, recorder, serve })
  const clients = watchCaFile({
    first: clientCa,
    log,
    messages: {
      changed: 'callers are verified by a new client CA',
      faulty: 'the new client CA is not valid: the previous one stays in use',
    },
    onChange: (pem) => server.verifyBy(pem),
  })
  return {
    address,
    problem: () => certificates.problem(),
    drain: () => server.drain(),
    async stop() {
      clients.stop()
      await Promise.all([server.close(), certificates.stop()])
    },
  }
}
