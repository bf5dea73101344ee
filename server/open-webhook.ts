import type { AddressInfo } from 'node:net'
import type { Judging, Parts } from './parts.ts'
import { type Certificates, keepCertificates, keepForOthers } from './tls/certificates.ts'
import { watchCaFile } from './tls/ca-file.ts'

export interface OpenWebhook {
  readonly address: AddressInfo
  /** Why the serving certificate is not usable, or null. For readiness. */
  problem(): string | null
  drain(): void
  stop(): Promise<void>
}

/** Null if the webhook is off. In self-signed mode it listens before it has a certificate; until then handshakes fail. */
export async function openWebhook(parts: Parts, judging: Judging): Promise<OpenWebhook | null> {
  const { options, cluster, log, metrics, certificate, clientCa } = parts
  if (!options.webhook || options.tls === null) return null
  const { clock } = cluster
  // Fastify is a tenth of the memory of a process that runs only the controller.
  const { createWebhookServer } = await import('./admission/server.ts')
  const server = createWebhookServer({
    ...judging,
    breakGlassGroups: options.breakGlassGroups,
    certificate,
    clientCa,
    callers: options.webhookCallers.prefixes,
    recorder: metrics,
    clock,
    log,
  })
  const address = await server.listen(options.webhookListen)
  log.info({ address: address.address, port: address.port }, 'serving the webhook')
  const serve = (pair: { readonly cert: string; readonly key: string }) => server.serveCertificate(pair)
  const certificates = keepCertificates(options.tls, certificate, {
    api: cluster,
    clock,
    log,
    recorder: metrics,
    serve,
  })
  const { clientCa: path } = options.webhookCallers
  const onChange = (pem: string) => server.verifyBy(pem)
  const messages = {
    changed: 'callers are verified by a new client CA',
    faulty: 'the new client CA is not valid: the previous one stays in use',
  }
  const clients =
    path === null || clientCa === null
      ? null
      : watchCaFile({ path, first: clientCa, log, messages, onChange })
  return {
    address,
    problem: () => certificates.problem(),
    drain: () => server.drain(),
    async stop() {
      clients?.stop()
      await Promise.all([server.close(), certificates.stop()])
    },
  }
}

/** Null unless this process keeps the self-signed certificate of webhooks in other processes. */
export function openKeeping({ options, cluster, log, metrics }: Parts): Pick<Certificates, 'stop'> | null {
  if (options.webhook || options.tls?.mode !== 'self-signed') return null
  return keepForOthers(options.tls, { api: cluster, clock: cluster.clock, log, recorder: metrics })
}
