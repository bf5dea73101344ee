import type { CsrObject, Identity } from '../../policies/types.ts'
import type { CsrReading } from '../ports.ts'
import type { Fields } from './fields.ts'

/**
 * Reads a certificates.k8s.io/v1 CertificateSigningRequest. The result is valid only if `fields.problems` is empty
 * afterwards.
 */
export function readCsrObject(fields: Fields): CsrReading {
  const metadata = fields.object('metadata')
  const spec = fields.object('spec')
  const status = fields.optionalObject('status')
  const csr: CsrObject = {
    name: metadata.text('name'),
    uid: metadata.text('uid'),
    createdAt: metadata.time('creationTimestamp'),
    deleting: metadata.has('deletionTimestamp'),
    finalizers: metadata.count('finalizers'),
    ownerReferences: metadata.count('ownerReferences'),
    signerName: spec.text('signerName'),
    usages: Object.freeze(spec.texts('usages')),
    expirationSeconds: spec.wholeNumber('expirationSeconds'),
    requester: readIdentity(spec),
    conditions: Object.freeze(
      (status?.objects('conditions') ?? []).map((condition) => condition.text('type')),
    ),
    issued: status?.has('certificate') ?? false,
  }
  return { csr: Object.freeze(csr), request: spec.text('request') }
}

/** Reads the four identity fields of a CSR's `spec` or of an admission request's `userInfo`. */
export function readIdentity(fields: Fields): Identity {
  return Object.freeze({
    username: fields.optionalText('username'),
    uid: fields.optionalText('uid'),
    groups: Object.freeze(fields.texts('groups')),
    extra: Object.freeze(fields.textsByKey('extra')),
  })
}
