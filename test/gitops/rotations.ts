/** How the webhook's certificate and its CA are replaced, by who keeps them. */
import assert from 'node:assert/strict'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { parseBundle } from '../../server/tls/webhook-bundle.ts'
import { FULLNAME, NAMESPACE } from '../chart/helm.ts'
import { listOf } from '../chart/objects.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { until } from '../kit/until.ts'

export interface Rotation {
  /** Resolves when another certificate is in the Secret. */
  readonly renew: () => Promise<void>
  /** Resolves when another CA has signed it, and API servers trust that CA. */
  readonly replaceAuthority: () => Promise<void>
  /** Deletes the Secret. Resolves when it is there again. */
  readonly loseSecret?: () => Promise<void>
}

const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`
const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const CERTIFICATES = `/apis/cert-manager.io/v1/namespaces/${NAMESPACE}/certificates`
/** The pods look every 15 s, and let API servers see a new CA for 30 s before it signs. */
const ROTATED_MS = 120_000

async function read(cluster: ControlPlane, path: string): Promise<JsonObject> {
  const { status, body } = await cluster.adminRequest('GET', path)
  assert.equal(status, 200, path)
  return body
}

/** Waits until a key of a Secret has another value. */
async function untilOther(cluster: ControlPlane, secret: string, key: string, work: () => Promise<unknown>) {
  const valueOf = async () => textAt(objectAt(await read(cluster, `${SECRETS}/${secret}`), 'data'), key)
  const before = await valueOf()
  assert.notEqual(before, '', `${key} of ${secret}`)
  await work()
  const isOther = async () => ![before, ''].includes(await valueOf())
  await until(isOther, `${key} of ${secret} is replaced`, ROTATED_MS, 200)
}

/** Of the only webhook in the cluster. */
async function trustedBy(cluster: ControlPlane): Promise<readonly string[]> {
  const [webhook, ...others] = listOf((await read(cluster, WEBHOOKS))['items'])
  assert.ok(webhook !== undefined && others.length === 0, 'expected one webhook')
  return parseBundle(webhook).trusted
}

/** By the pods: an annotation of the Secret asks them. */
export function bySelfSigning(cluster: ControlPlane): Rotation {
  const secret = `${FULLNAME}-tls`
  const ask = async (what: 'leaf' | 'ca'): Promise<void> => {
    const metadata = { annotations: { 'kubelet-csr-gate.io/rotate': what } }
    const { status } = await cluster.adminRequest('PATCH', `${SECRETS}/${secret}`, { metadata })
    assert.equal(status, 200)
  }
  return {
    renew: () => untilOther(cluster, secret, 'tls.crt', () => ask('leaf')),
    replaceAuthority: async () => {
      const before = await trustedBy(cluster)
      await untilOther(cluster, secret, 'ca.crt', () => ask('ca'))
      const after = await trustedBy(cluster)
      assert.ok(after.length === before.length + 1 && before.every((id) => after.includes(id)))
    },
    loseSecret: async () => {
      const { data } = await read(cluster, `${SECRETS}/${secret}`)
      await cluster.adminRequest('DELETE', `${SECRETS}/${secret}`)
      const isBack = async () =>
        textAt(objectAt(await read(cluster, `${SECRETS}/${secret}`), 'data'), 'tls.crt') ===
        textAt(objectAt(data), 'tls.crt')
      await until(isBack, 'the Secret is made again', ROTATED_MS, 200)
    },
  }
}

/** By cert-manager: a condition of a Certificate asks it, as `cmctl renew` does. */
export function byCertManager(cluster: ControlPlane): Rotation {
  const ask = async (name: string): Promise<void> => {
    const path = `${CERTIFICATES}/${name}`
    const issuing = {
      type: 'Issuing',
      status: 'True',
      reason: 'ManuallyTriggered',
      message: 'the test renews it',
      lastTransitionTime: new Date().toISOString(),
    }
    const askOnce = async (): Promise<boolean> => {
      const certificate = await read(cluster, path)
      const conditions = listOf(objectAt(certificate, 'status')['conditions'])
      const others = conditions.filter(({ type }) => type !== issuing.type)
      const status = { ...objectAt(certificate, 'status'), conditions: [...others, issuing] }
      return (await cluster.adminRequest('PUT', `${path}/status`, { ...certificate, status })).status === 200
    }
    // refused when cert-manager wrote the status meanwhile
    await until(askOnce, `the renewal of ${name} is asked for`)
  }
  return {
    renew: () => untilOther(cluster, `${FULLNAME}-serving`, 'tls.crt', () => ask(`${FULLNAME}-serving`)),
    replaceAuthority: async () => {
      const before = await trustedBy(cluster)
      await untilOther(cluster, `${FULLNAME}-ca`, 'tls.crt', () => ask(`${FULLNAME}-ca`))
      const isTrusted = async () => (await trustedBy(cluster)).length === before.length + 1
      await until(isTrusted, 'both CAs are trusted', ROTATED_MS, 200)
      await untilOther(cluster, `${FULLNAME}-serving`, 'tls.crt', () => ask(`${FULLNAME}-serving`))
    },
  }
}
