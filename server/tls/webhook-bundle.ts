import type { Api, ApiAnswer, Json, JsonObject } from '../ports.ts'
import { readTrusted, splitBundle, type TrustedAuthority } from './authority.ts'
import { objectAt, textAt, decodedOf, encoded } from '../json.ts'
import { bundleOf } from './self-signed-secret.ts'

/** The CA certificates by which API servers verify us, as the ValidatingWebhookConfiguration has them. */
export interface WebhookBundle {
  /** Ids of the certificates that every entry of the configuration has in its caBundle. */
  readonly trusted: readonly string[]
  readonly pem: string
  readonly resourceVersion: string
  /** The names of its entries. */
  readonly entries: readonly string[]
}

const PATH = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
/** Bundles of system roots are some 300 KB; ours, at most five certificates, below 8 KB. */
const MAX_CHARACTERS = 1024 * 1024
/** Owner of the field in managedFields: another than Helm's, so that an apply by Helm leaves it alone. */
const FIELD_MANAGER = 'kubelet-csr-gate'

export function readBundle(api: Api, name: string): Promise<ApiAnswer> {
  return api.call({ method: 'GET', path: `${PATH}/${name}` })
}

/** What a configuration that was read says. Entries that differ trust only what they have in common. */
export function parseBundle(configuration: JsonObject): WebhookBundle {
  const listed = configuration['webhooks']
  const webhooks = Array.isArray(listed) ? listed.map((entry: Json) => objectAt(entry)) : []
  const pems = webhooks.map((entry) => decodedOf(objectAt(entry, 'clientConfig'), 'caBundle', MAX_CHARACTERS))
  const [first = [], ...rest] = pems.map(idsOf)
  return {
    trusted: first.filter((id) => rest.every((ids) => ids.includes(id))),
    pem: pems[0] ?? '',
    resourceVersion: textAt(objectAt(configuration, 'metadata'), 'resourceVersion'),
    entries: webhooks.map((entry) => textAt(entry, 'name')),
  }
}

function idsOf(pem: string): readonly string[] {
  return splitBundle(pem).map((certificate) => readTrusted(certificate)?.id ?? 'unreadable')
}

/**
 * Replaces the caBundle of every entry, and nothing else; a conflict (409) when the configuration changed since it
 * was read. A strategic merge patch: entries are merged by their names.
 */
export function writeBundle(
  api: Api,
  name: string,
  read: WebhookBundle,
  authorities: readonly TrustedAuthority[],
): Promise<ApiAnswer> {
  const caBundle = encoded(bundleOf(authorities))
  return api.call({
    method: 'PATCH',
    path: `${PATH}/${name}?fieldManager=${FIELD_MANAGER}`,
    contentType: 'application/strategic-merge-patch+json',
    body: {
      metadata: { resourceVersion: read.resourceVersion },
      webhooks: read.entries.map((entry) => ({ name: entry, clientConfig: { caBundle } })),
    },
  })
}
