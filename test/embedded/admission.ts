/**
 * Calls the webhooks of ValidatingWebhookConfigurations, as a real API server does.
 * Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/validating/dispatcher.go
 */
import { randomUUID } from 'node:crypto'
import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { Json, JsonObject } from '../../server/ports.ts'
import { type Stored } from './collection.ts'
import { conditionFor } from './match-conditions.ts'
import { internalError, Refusal } from './refusal.ts'
import { apiVersionOf, type Resource, type Subresource } from './resources.ts'
import type { User } from './users.ts'
import { WebhookClient } from './webhook-client.ts'
import { entriesOf } from './webhook-entries.ts'

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE'

export interface Attempt {
  readonly resource: Resource
  readonly at: Subresource | null
  readonly operation: Operation
  readonly namespace: string
  readonly name: string
  readonly object: JsonObject | null
  readonly oldObject: JsonObject | null
  readonly user: User
  readonly dryRun: boolean
}

export class Admission {
  readonly #configurations: () => Iterable<Stored>
  readonly #client = new WebhookClient()

  constructor(configurations: () => Iterable<Stored>) {
    this.#configurations = configurations
  }

  /** Asks all webhooks that match, at once. Returns their warnings; throws the first refusal. */
  async admit(attempt: Attempt): Promise<readonly string[]> {
    const entries = [...this.#configurations()].flatMap(entriesOf).filter((entry) => matches(entry, attempt))
    const answers = await Promise.allSettled(entries.map((entry) => this.#ask(entry, attempt)))
    const warnings: string[] = []
    for (const answer of answers) {
      if (answer.status === 'rejected') throw answer.reason
      warnings.push(...answer.value)
    }
    return warnings
  }

  close(): void {
    this.#client.close()
  }

  async #ask(entry: JsonObject, attempt: Attempt): Promise<readonly string[]> {
    const name = textAt(entry, 'name')
    const { timeoutSeconds } = entry
    const config = objectAt(entry, 'clientConfig')
    const uid = randomUUID()
    const called = await this.#client.post(
      {
        url: textAt(config, 'url'),
        caPem: Buffer.from(textAt(config, 'caBundle'), 'base64').toString(),
        seconds: Number(timeoutSeconds),
      },
      reviewOf(attempt, uid),
    )
    const response = called.ok ? objectAt(called.body, 'response') : {}
    const problem = called.ok ? problemOf(called.body, uid) : called.problem
    if (problem !== null) {
      if (entry['failurePolicy'] === 'Ignore') return []
      throw internalError(`failed calling webhook "${name}": failed to call webhook: ${problem}`)
    }
    if (response['allowed'] !== true) throw refusalOf(name, objectAt(response, 'status'), attempt)
    const { warnings } = response
    return Array.isArray(warnings) ? warnings.map(String) : []
  }
}

function matches(entry: JsonObject, attempt: Attempt): boolean {
  const { rules, matchConditions } = entry
  const hasRule = list(rules).some((rule) => ruleMatches(rule, attempt))
  const subject = {
    object: attempt.object ?? {},
    oldObject: attempt.oldObject,
    user: attempt.user,
  }
  return (
    hasRule &&
    list(matchConditions).every((one) => conditionFor(textAt(one, 'expression'))?.(subject) === true)
  )
}

function ruleMatches(rule: JsonObject, { resource, at, operation }: Attempt): boolean {
  const has = (field: string, wanted: string) => {
    const values = rule[field]
    return Array.isArray(values) && (values.includes('*') || values.includes(wanted))
  }
  const wanted = at === null ? resource.plural : `${resource.plural}/${at}`
  const { scope = '*' } = rule
  return (
    has('operations', operation) &&
    has('apiGroups', resource.group) &&
    has('apiVersions', resource.version) &&
    has('resources', wanted) &&
    (scope === '*' || (scope === 'Namespaced') === resource.namespaced)
  )
}

function reviewOf(attempt: Attempt, uid: string): JsonObject {
  const { resource, at, operation, namespace, name, user, dryRun } = attempt
  const { group, version, kind, plural } = resource
  const place = { group, version, resource: plural }
  const options = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' }[operation]
  const typed = (object: JsonObject | null): Json =>
    object === null ? null : { ...object, apiVersion: apiVersionOf(resource), kind }
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid,
      kind: { group, version, kind },
      resource: place,
      ...(at !== null && { subResource: at }),
      requestKind: { group, version, kind },
      requestResource: place,
      ...(at !== null && { requestSubResource: at }),
      ...(name !== '' && { name }),
      ...(namespace !== '' && { namespace }),
      operation,
      userInfo: userInfoOf(user),
      object: typed(attempt.object),
      oldObject: typed(attempt.oldObject),
      dryRun,
      options: { kind: options, apiVersion: 'meta.k8s.io/v1' },
    },
  }
}

function userInfoOf({ username, uid, groups, extra }: User): JsonObject {
  return { username, ...(uid !== undefined && { uid }), groups, ...(extra !== undefined && { extra }) }
}

/** Why an answer is none, or null. */
function problemOf(body: JsonObject, uid: string): string | null {
  const response = objectAt(body, 'response')
  if (body['kind'] !== 'AdmissionReview' || body['apiVersion'] !== 'admission.k8s.io/v1')
    return 'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview'
  return response['uid'] === uid ? null : `expected response.uid="${uid}"`
}

/** staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/errors/statuserror.go, ToStatusErr */
function refusalOf(webhook: string, status: JsonObject, { resource, object, name }: Attempt): Refusal {
  const denied = `admission webhook "${webhook}" denied the request`
  const said = textAt(status, 'message') || textAt(status, 'reason')
  const message = said === '' ? `${denied} without explanation` : `${denied}: ${said}`
  const { code } = status
  const details = {
    name: textAt(objectAt(object ?? {}, 'metadata'), 'name') || name,
    ...(resource.group !== '' && { group: resource.group }),
    kind: resource.plural,
    ...objectAt(status, 'details'),
  }
  const isFailure = typeof code === 'number' && code >= 400
  return new Refusal(isFailure ? code : 400, textAt(status, 'reason'), message, { details })
}

function list(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
