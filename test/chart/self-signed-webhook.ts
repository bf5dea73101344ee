import { once } from 'node:events'
import { createServer as createHttps, type Server } from 'node:https'
import {
  createServer as createTcp,
  connect as connectTcp,
  type AddressInfo,
  type Server as TcpServer,
} from 'node:net'
import { connect } from '../../server/kube/transport.ts'
import type { Log } from '../../server/ports.ts'
import { CertificateRotator } from '../../server/tls/rotator.ts'
import { FULLNAME, NAMESPACE, outside } from './helm.ts'

/** A webhook that allows everything, with the self-signed certificate of a release. */
export interface SelfSignedWebhook extends AsyncDisposable {
  readonly port: number
  readonly rotator: CertificateRotator
  /** Number of answered reviews. */
  answered(): number
  /** Number of certificates that it loaded. */
  installed(): number
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** Manages and serves the certificate of the release as a pod does, with the permissions of the pods. */
export async function startSelfSignedWebhook(
  kubeconfig: string,
  pace: { propagationMs: number },
): Promise<SelfSignedWebhook> {
  const cluster = connect({ kubeconfig, env: {} }, { apiRequest() {} })
  let [answered, installed] = [0, 0]
  // a connection, and so a TLS handshake, for each review
  const server = createHttps({ keepAlive: false }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      answered += 1
      response.setHeader('connection', 'close')
      response.setHeader('content-type', 'application/json')
      response.end(allow(Buffer.concat(chunks).toString()))
    })
  })
  const rotator = new CertificateRotator({
    api: cluster,
    clock: cluster.clock,
    log: silent,
    config: {
      namespace: NAMESPACE,
      tls: {
        secretName: `${FULLNAME}-tls`,
        webhookConfiguration: outside(FULLNAME),
        names: ['127.0.0.1'],
      },
    },
    recorder: { certificateServed() {}, certificateRead() {} },
    serve: ({ cert, key }) => {
      installed += 1
      server.setSecureContext({ cert, key })
    },
    pollMs: 100,
    ...pace,
  }).start()
  return {
    port: await listening(server),
    rotator,
    answered: () => answered,
    installed: () => installed,
    async [Symbol.asyncDispose]() {
      await rotator.stop()
      server.close()
      server.closeAllConnections()
      await cluster.close()
    },
  }
}

/** Forwards connections to `ports` in turn, as a Service does. */
export async function startBalancer(port: number, ports: readonly number[]): Promise<TcpServer> {
  let turn = 0
  const noDelay = true
  const server = createTcp({ noDelay }, (incoming) => {
    const outgoing = connectTcp({ port: ports[turn++ % ports.length] ?? 0, host: '127.0.0.1', noDelay })
    incoming.pipe(outgoing).pipe(incoming)
    // the test sees errors as failed calls
    incoming.on('error', () => outgoing.destroy())
    outgoing.on('error', () => incoming.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

function allow(review: string): string {
  const { request }: { request: { uid: string } } = JSON.parse(review)
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: request.uid, allowed: true },
  })
}
