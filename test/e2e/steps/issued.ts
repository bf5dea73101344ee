/** What cert-manager has issued for the release, and how it is told to issue anew. */
import { X509Certificate } from 'node:crypto'

import type { Cluster } from '../../kubeadm/cluster.ts'
import { kubectl } from '../../kubeadm/kubectl.ts'
import { eventually } from '../../kit/until.ts'
import { NAMESPACE, RELEASE } from './product.ts'
import { patchWebhook } from './webhook.ts'

/** Certificates of the chart. The Secret of each has its name. */
export const CA = `${RELEASE}-ca`
export const LEAF = `${RELEASE}-serving`

const IN_NAMESPACE = `--namespace=${NAMESPACE}`

/** What the Secret of a Certificate holds; throws while there is none. */
export async function issued(cluster: Cluster, name: string): Promise<X509Certificate> {
  const path = String.raw`-o=jsonpath={.data.tls\.crt}`
  const encoded = await kubectl(cluster, ['get', 'secret', name, IN_NAMESPACE, path])
  return new X509Certificate(Buffer.from(encoded, 'base64'))
}

/** Renews a Certificate as `cmctl renew` does, by a condition; returns what was issued. */
export async function renew(cluster: Cluster, name: string): Promise<X509Certificate> {
  const before = await issued(cluster, name)
  await eventually(`the renewal of ${name} is asked for`, 20, async () => {
    await askForRenewal(cluster, name) // refused when cert-manager wrote the status meanwhile
    return true
  })
  return await eventually(`${name} is issued anew`, 30, async () => {
    const now = await issued(cluster, name)
    return now.fingerprint256 === before.fingerprint256 ? undefined : now
  })
}

interface Certificate {
  readonly metadata: { readonly generation: number }
  readonly status: { conditions: readonly { readonly type: string }[] }
}

async function askForRenewal(cluster: Cluster, name: string): Promise<void> {
  const read = await kubectl(cluster, ['get', 'certificate', name, IN_NAMESPACE, '-o=json'])
  const certificate: Certificate = JSON.parse(read)
  const issuing = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: 'npm run e2e renews it',
    lastTransitionTime: new Date().toISOString(),
    observedGeneration: certificate.metadata.generation,
  }
  const { status } = certificate
  status.conditions = [...status.conditions.filter(({ type }) => type !== issuing.type), issuing]
  const input = JSON.stringify(certificate)
  await kubectl(cluster, ['replace', '--subresource=status', '-f', '-'], { input })
}

/** The CAs by which API servers verify the webhook, as PEM. */
export async function trusted(cluster: Cluster): Promise<string> {
  const path = '-o=jsonpath={.webhooks[0].clientConfig.caBundle}'
  const encoded = await kubectl(cluster, ['get', 'validatingwebhookconfiguration', RELEASE, path])
  return Buffer.from(encoded, 'base64').toString()
}

/** Their fingerprints, in the bundle's order. */
export function fingerprintsIn(bundle: string): readonly string[] {
  const certificates = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return certificates.map((pem) => new X509Certificate(pem).fingerprint256)
}

/** Leaves one CA alone in the caBundle, as the chart's README says to do after a key has leaked. */
export async function trustOnly(cluster: Cluster, authority: X509Certificate): Promise<void> {
  const value = Buffer.from(authority.toString()).toString('base64')
  await patchWebhook(cluster, 'clientConfig/caBundle', value)
}
