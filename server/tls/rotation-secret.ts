import type { JsonObject } from '../ports.ts'
import { certificatesIn } from '../certificate-pem.ts'
import { readAuthority, readLeaf, readTrusted } from './authority.ts'
import { objectAt, decodedOf, encoded } from '../json.ts'
import type { Kept } from './rotation.ts'

/** Requests a rotation: `kubectl annotate secret … kubelet-csr-gate.io/rotate=leaf` (or `=ca`). */
export const ROTATE_ANNOTATION = 'kubelet-csr-gate.io/rotate'

interface PairKeys {
  readonly certificate: string
  readonly key: string
}

/** The keys of the Secret. `tls.crt`, `tls.key` and `ca.crt` are the usual names. */
const KEYS = {
  authority: { certificate: 'ca.crt', key: 'ca.key' },
  leaf: { certificate: 'tls.crt', key: 'tls.key' },
  next: { certificate: 'next-ca.crt', key: 'next-ca.key' },
  previous: 'previous-ca.crt',
} as const

/** Three CAs have less than 4 KB of base64. A much larger value is not ours. */
const MAX_CHARACTERS = 32 * 1024

/** Reads the content of the Secret. A missing, unreadable or mismatched part is null. */
export function readKept(secret: JsonObject): Kept {
  const stored = objectAt(secret, 'data')
  const text = (key: string): string => decodedOf(stored, key, MAX_CHARACTERS)
  const authority = readAuthority(text(KEYS.authority.certificate), text(KEYS.authority.key))
  const next = readAuthority(text(KEYS.next.certificate), text(KEYS.next.key))
  const previous = certificatesIn(text(KEYS.previous)).flatMap((pem) => readTrusted(pem) ?? [])
  const signers = authority === null ? [] : [authority]
  const leaf = readLeaf(text(KEYS.leaf.certificate), text(KEYS.leaf.key), signers)
  const asked = objectAt(secret, 'metadata', 'annotations')[ROTATE_ANNOTATION]
  return { authority, leaf, next, previous, requested: asked === 'ca' || asked === 'leaf' ? asked : null }
}

/** The Secret as it was read, resourceVersion included, with `kept` as its data. */
export function writeKept(
  secret: JsonObject,
  { authority, leaf, next, previous, requested }: Kept,
): JsonObject {
  const { [ROTATE_ANNOTATION]: asked, ...annotations } = objectAt(secret, 'metadata', 'annotations')
  const isDone = asked !== undefined && requested === null
  return {
    ...secret,
    metadata: { ...objectAt(secret, 'metadata'), ...(isDone && { annotations }) },
    data: {
      ...pair(KEYS.authority, authority),
      ...pair(KEYS.leaf, leaf),
      ...pair(KEYS.next, next),
      ...(previous.length > 0 && { [KEYS.previous]: encoded(bundleOf(previous)) }),
    },
  }
}

/** CA certificates as one PEM text. */
export function bundleOf(authorities: readonly { readonly certificate: string }[]): string {
  return authorities.map(({ certificate }) => `${certificate.trim()}\n`).join('')
}

function pair(keys: PairKeys, kept: PairKeys | null): JsonObject {
  return kept === null ? {} : { [keys.certificate]: encoded(kept.certificate), [keys.key]: encoded(kept.key) }
}
