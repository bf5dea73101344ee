import type { Api, ApiAnswer, Json, JsonObject } from '../ports.ts'
import { readTrusted, type TrustedAuthority } from './authority.ts'
import { certificatesIn } from '../certificate-pem.ts'
import { objectAt, textAt, decodedOf, encoded } from '../json.ts'
import { bundleOf } from './rotation-secret.ts'

/** The caBundle of a ValidatingWebhookConfiguration, with which API servers verify the webhook. */
export interface WebhookBundle {
  /** Ids of the certificates that are in the caBundle of every entry. */
  readonly trusted: readonly string[]
  /** The CAs in the caBundle of the first entry. */
  readonly authorities: readonly TrustedAuthority[]
  readonly pem: string
  readonly resourceVersion: string
  /** The names of the entries under `webhooks`. */
  readonly entries: readonly string[]
}

const PATH = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
/** A bundle of system roots has about 300 KB. Ours has at most five certificates and less than 8 KB. */
const MAX_CHARACTERS = 1024 * 1024
/** The owner of the field in managedFields. It is not Helm's, so that Helm does not reset the field. */
const FIELD_MANAGER = 'kubelet-csr-gate'

export function readBundle(api: Api, name: string): Promise<ApiAnswer> {
  return api.call({ method: 'GET', path: `${PATH}/${name}` })
}

/** Reads the caBundle of a configuration. If entries differ, only the certificates that all of them have are trusted. */
export function parseBundle(configuration: JsonObject): WebhookBundle {
  const listed = configuration['webhooks']
  const webhooks = Array.isArray(listed) ? listed.map((entry: Json) => objectAt(entry)) : []
  const pems = webhooks.map((entry) => decodedOf(objectAt(entry, 'clientConfig'), 'caBundle', MAX_CHARACTERS))
  const [first = [], ...rest] = pems.map(idsOf)
  return {
    trusted: first.filter((id) => rest.every((ids) => ids.includes(id))),
    authorities: certificatesIn(pems[0] ?? '').flatMap((certificate) => readTrusted(certificate) ?? []),
    pem: pems[0] ?? '',
    resourceVersion: textAt(objectAt(configuration, 'metadata'), 'resourceVersion'),
    entries: webhooks.map((entry) => textAt(entry, 'name')),
  }
}

function idsOf(pem: string): readonly string[] {
  return certificatesIn(pem).map((certificate) => readTrusted(certificate)?.id ?? 'unreadable')
}

/**
 * Replaces only the caBundle of every entry, by a strategic merge patch, which merges entries by name.
 * Conflicts (409) if the configuration changed since it was read.
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
