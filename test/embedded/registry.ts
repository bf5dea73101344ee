/**
 * What happens to an object between a request and the store, in the order of a real API server: decode, prepare, validate,
 * admit, store. Kubernetes: staging/src/k8s.io/apiserver/pkg/registry/{rest,generic/registry}.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { objectAt, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'
import type { Admission, Operation } from './admission.ts'
import { type Collection, type Named, secondsOf, type Stored } from './collection.ts'
import { decode } from './fields.ts'
import { metadataFaults, metadataUpdateFaults } from './metadata.ts'
import {
  alreadyExists,
  badRequest,
  conflict,
  internalError,
  notFound,
  Refusal,
  unacceptable,
  type FieldFault,
} from './refusal.ts'
import { apiVersionOf, NAMESPACE, type Resource, type Subresource } from './resources.ts'
import { strategyOf } from './strategies.ts'
import type { User } from './users.ts'

/** One request about one object. */
export interface Call {
  readonly resource: Resource
  readonly namespace: string
  readonly name: string
  readonly at: Subresource | null
  readonly user: User
  readonly dryRun: boolean
  readonly fieldValidation: string
}

export interface Written {
  readonly object: JsonObject
  readonly warnings: readonly string[]
}

interface Registered {
  readonly collection: (resource: Resource) => Collection
  readonly admission: Admission
}

/** etcd's own limit of a request, 1.5 MiB. */
const ETCD_BYTES = 1_572_864
const STALE = 'the object has been modified; please apply your changes to the latest version and try again'

export class Registry {
  readonly #collection: (resource: Resource) => Collection
  readonly #admission: Admission

  constructor({ collection, admission }: Registered) {
    this.#collection = collection
    this.#admission = admission
  }

  get(call: Call): Stored {
    const stored = this.#collection(call.resource).get(call.namespace, call.name)
    if (stored === undefined) throw notFound(call.resource, call.name)
    return stored
  }

  async create(call: Call, body: JsonObject): Promise<Written> {
    const { resource, namespace, user } = call
    const { object, warnings } = decoded(call, body)
    if (resource.namespaced && this.#collection(NAMESPACE).get('', namespace) === undefined)
      throw notFound(NAMESPACE, namespace)
    const strategy = strategyOf(resource)
    const prepared = strategy.prepareForCreate?.(object, user) ?? object
    const created = { ...prepared, metadata: newMetadata(call, objectAt(prepared, 'metadata')) }
    const { name } = created.metadata
    refuse(call.resource, name, [
      ...metadataFaults(created, resource),
      ...(strategy.validate?.(created) ?? []),
    ])
    const admitted = await this.#admit(call, 'CREATE', { object: created, oldObject: null })
    const collection = this.#collection(resource)
    if (collection.get(namespace, name) !== undefined) throw alreadyExists(resource, name)
    const stored = call.dryRun ? created : collection.put(bounded(created))
    return { object: stored, warnings: [...warnings, ...admitted] }
  }

  /** @param next what is to be stored, from what is */
  async update(
    call: Call,
    next: (before: Stored) => JsonObject,
    { uidMustMatch }: { readonly uidMustMatch: boolean },
  ): Promise<Written> {
    for (;;) {
      const before = this.get(call)
      const { object, warnings } = decoded(call, next(before))
      this.#checkPreconditions(call, before, { metadata: objectAt(object, 'metadata'), uidMustMatch })
      const changed = this.#changed(call, object, before)
      if (isDeepStrictEqual(changed, before)) return { object: before, warnings }
      const admitted = await this.#admit(call, 'UPDATE', { object: changed, oldObject: before })
      if (this.#collection(call.resource).get(call.namespace, call.name) !== before) continue
      return {
        object: call.dryRun ? changed : this.#store(call, changed),
        warnings: [...warnings, ...admitted],
      }
    }
  }

  async delete(call: Call, body: JsonObject): Promise<JsonObject> {
    const before = this.get(call)
    refuseOtherObject(call, before, objectAt(body, 'preconditions'))
    await this.#admit(call, 'DELETE', { object: null, oldObject: before })
    const { finalizers } = before.metadata
    if (call.dryRun) return before
    if (Array.isArray(finalizers) && finalizers.length > 0) {
      const deletionTimestamp = before.metadata['deletionTimestamp'] ?? secondsOf(new Date())
      return this.#collection(call.resource).put({
        ...before,
        metadata: { ...before.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 },
      })
    }
    this.#collection(call.resource).remove(call.name, call.namespace)
    const { group, plural: kind } = call.resource
    const details = { name: call.name, ...(group !== '' && { group }), kind, uid: before.metadata.uid }
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
  }

  #checkPreconditions(
    { resource, name }: Call,
    before: Stored,
    { metadata, uidMustMatch }: { readonly metadata: JsonObject; readonly uidMustMatch: boolean },
  ): void {
    const { uid, resourceVersion } = metadata
    if (uidMustMatch && uid !== undefined && uid !== before.metadata.uid) {
      const because = `Precondition failed: UID in precondition: ${textAt(metadata, 'uid')}, UID in object meta: ${before.metadata.uid}`
      const place = `StorageError: invalid object, Code: 4, Key: /registry/${resource.plural}/${name}, ResourceVersion: 0`
      throw conflict(resource, name, `${place}, AdditionalErrorMsg: ${because}`)
    }
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion)
      throw conflict(resource, name, STALE)
    if (resourceVersion === undefined && resource.unconditionalUpdate === false)
      throw unacceptable(resource, name, [MUST_BE_VERSIONED])
  }

  /** The object as the strategy leaves it, with the metadata that no client may change. */
  #changed(call: Call, object: JsonObject, before: Stored): Stored {
    const { resource, name, at } = call
    const strategy = strategyOf(resource)
    const prepared = strategy.prepareForUpdate?.(object, before, at) ?? object
    const sent = objectAt(prepared, 'metadata')
    const faults = [
      ...metadataFaults(prepared, resource),
      ...metadataUpdateFaults(sent, before.metadata),
      ...(strategy.validateUpdate?.(prepared, before, at) ?? []),
    ]
    refuse(resource, name, faults)
    const { creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, uid, resourceVersion } =
      before.metadata
    const metadata = {
      ...sent,
      name,
      ...(call.namespace !== '' && { namespace: call.namespace }),
      uid,
      resourceVersion,
      ...(creationTimestamp !== undefined && { creationTimestamp }),
      ...(deletionTimestamp !== undefined && { deletionTimestamp, deletionGracePeriodSeconds }),
    }
    return { ...prepared, apiVersion: apiVersionOf(resource), kind: resource.kind, metadata }
  }

  #store({ resource, namespace, name }: Call, changed: Stored): Stored {
    const collection = this.#collection(resource)
    const stored = collection.put(bounded(changed))
    const { finalizers, deletionTimestamp } = stored.metadata
    const isFinished =
      deletionTimestamp !== undefined && (!Array.isArray(finalizers) || finalizers.length === 0)
    if (isFinished) collection.remove(name, namespace)
    return stored
  }

  async #admit(
    call: Call,
    operation: Operation,
    objects: { readonly object: JsonObject | null; readonly oldObject: JsonObject | null },
  ): Promise<readonly string[]> {
    return await this.#admission.admit({ ...call, operation, ...objects })
  }
}

/** staging/src/k8s.io/apiserver/pkg/registry/rest/delete.go, BeforeDelete: it names the kind, not the resource. */
function refuseOtherObject({ resource, name }: Call, before: Stored, wanted: JsonObject): void {
  for (const [field, title] of [
    ['uid', 'UID'],
    ['resourceVersion', 'ResourceVersion'],
  ] as const) {
    const value = wanted[field]
    if (value === undefined || value === before.metadata[field]) continue
    const because = `the ${title} in the precondition (${textAt(wanted, field)}) does not match the ${title} in record (${before.metadata[field]}). The object might have been deleted and then recreated`
    throw conflict({ ...resource, plural: resource.kind }, name, because)
  }
}

const MUST_BE_VERSIONED: FieldFault = {
  field: 'metadata.resourceVersion',
  cause: 'FieldValueInvalid',
  message: 'Invalid value: 0: must be specified for an update',
}

function refuse(resource: Resource, name: string, faults: readonly FieldFault[]): void {
  if (faults.length > 0) throw unacceptable(resource, name, faults)
}

function decoded(call: Call, body: JsonObject) {
  const { resource, name, fieldValidation } = call
  refuseOtherType(resource, body)
  const { object, unknown, mistyped } = decode(body, resource)
  const unknowns = unknown.map((field) => `unknown field "${field}"`)
  const strict = fieldValidation === 'Strict' && unknowns.length > 0
  const faults = strict ? [`strict decoding error: ${unknowns.join(', ')}`, ...mistyped] : mistyped
  if (faults.length > 0) throw badRequest(`${cannotBe(resource)}: ${faults.join(', ')}`)
  const named = textAt(objectAt(object, 'metadata'), 'name')
  if (name !== '' && named !== '' && named !== name)
    throw badRequest(`the name of the object (${named}) does not match the name on the URL (${name})`)
  return { object, warnings: fieldValidation === 'Ignore' ? [] : unknowns }
}

function cannotBe({ kind, version }: Resource): string {
  return `${kind} in version "${version}" cannot be handled as a ${kind}`
}

function refuseOtherType(resource: Resource, { kind, apiVersion }: JsonObject): void {
  const isKind = kind === undefined || kind === resource.kind
  const isVersion = apiVersion === undefined || apiVersion === apiVersionOf(resource)
  if (!isKind || !isVersion) throw badRequest(cannotBe(resource))
}

function newMetadata({ resource, namespace }: Call, sent: JsonObject): Named['metadata'] {
  if (textAt(sent, 'resourceVersion') !== '')
    throw new Refusal(400, 'BadRequest', 'resourceVersion should not be set on objects to be created')
  const { deletionTimestamp: _, deletionGracePeriodSeconds: _seconds, ...kept } = sent
  return {
    ...kept,
    name: textAt(sent, 'name') || generatedName(textAt(sent, 'generateName')),
    ...(resource.namespaced && { namespace }),
    uid: randomUUID(),
    creationTimestamp: secondsOf(new Date()),
  }
}

/** Five characters of those that k8s.io/apimachinery/pkg/util/rand takes. */
function generatedName(prefix: string): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789'
  if (prefix === '') return ''
  return prefix + [...randomBytes(5)].map((byte) => alphabet[byte % alphabet.length]).join('')
}

function bounded<T extends Json>(object: T): T {
  if (Buffer.byteLength(JSON.stringify(object)) > ETCD_BYTES)
    throw internalError('etcdserver: request is too large')
  return object
}
