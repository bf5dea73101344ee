import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { objectAt } from '../../server/json.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { createCsr, CSRS, metadataOf } from '../kit/kubelet/csr.ts'
import {
  certificate,
  type CertificateShape,
  issuedText,
  type SigningCa,
} from '../kit/requests/certificate.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { TestNode, untilAll } from '../kit/kubelet/test-node.ts'

const APPROVED_WITHIN_MS = 60_000

interface Signing {
  readonly ca: SigningCa
  /** How the certificate differs from the request. */
  readonly change: Partial<CertificateShape>
  /** How long the approved CSR stays without a certificate. */
  readonly afterMs?: number
}

/** A Node asks for a certificate for a day. Its CSR is approved, and signed here where the cluster has no signer. */
export async function signAs(
  cluster: ControlPlane,
  { name, address }: { readonly name: string; readonly address: string },
  { ca, change, afterMs = 0 }: Signing,
): Promise<void> {
  const { client, user: commonName } = await new TestNode(cluster, name, address).join()
  const asked = { commonName, dnsNames: [name], addresses: [address] }
  const { request, keys } = buildRequest(asked)
  const created = await createCsr(client, { request, expirationSeconds: 86_400 })
  const csr = metadataOf(created.body).name
  await untilAll(cluster, [csr], ({ approved }) => approved, APPROVED_WITHIN_MS)
  await sleep(afterMs)
  const { body } = await cluster.adminRequest('GET', `${CSRS}/${csr}`)
  const notBefore = Date.now() - 300_000
  const shape = { ...asked, keys, notBefore, notAfter: notBefore + 86_400_000, ...change }
  const status = { ...objectAt(body, 'status'), certificate: issuedText(certificate(shape, ca)) }
  const answer = await cluster.adminRequest('PUT', `${CSRS}/${csr}/status`, { ...body, status })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}
