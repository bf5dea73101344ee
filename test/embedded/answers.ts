/** Questions to an API server of which an embedded one easily gets the answer wrong; each with the answer of the real one. */
import { isObject, objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import type { Answer } from '../kit/client.ts'
import type { Cluster } from '../kit/cluster.ts'
import { createCsr, CSRS, csrObject } from '../kit/kubelet/csr.ts'
import { buildRequest } from '../kit/requests/request.ts'
import { registerWebhook, unregisterWebhook } from '../kit/service/webhook.ts'
import { listenSilently } from '../kit/silent-server.ts'
import { until } from '../kit/until.ts'
import type { Question } from './question.ts'
import { readingQuestions } from './reading-answers.ts'

const NODE = 'system:node:asker-1'
const { request } = buildRequest({ commonName: NODE, dnsNames: ['asker-1'], addresses: ['10.0.0.1'] })
const APPROVED = { type: 'Approved', status: 'True', reason: 'Tested', message: 'by the test' }
const DENIED = { ...APPROVED, type: 'Denied' }
const TIME = '2026-01-01T00:00:00Z'
const AT = { lastUpdateTime: TIME, lastTransitionTime: TIME }
const pathOf = (name: string, sub = '') => `${CSRS}/${name}${sub}`

async function pending(cluster: Cluster, name: string, metadata: JsonObject = {}): Promise<JsonObject> {
  const node = cluster.impersonate({ user: NODE, groups: ['system:nodes', 'system:authenticated'] })
  const { status, body } = await createCsr(node, { request, metadata: { name, ...metadata } })
  if (status !== 201) throw new Error(`${name} was not created: ${status} ${textAt(body, 'message')}`)
  return body
}

const decide = async (cluster: Cluster, csr: JsonObject, conditions: readonly JsonObject[]) =>
  await cluster.adminRequest('PUT', pathOf(nameOf(csr), '/approval'), {
    ...csr,
    status: { ...objectAt(csr, 'status'), conditions },
  })

const nameOf = (object: JsonObject) => textAt(objectAt(object, 'metadata'), 'name')
const versionOf = (object: JsonObject) => textAt(objectAt(object, 'metadata'), 'resourceVersion')

function seen(title: string, { status, body, warnings }: Answer): string {
  const { reason, message } = body['kind'] === 'Status' ? body : {}
  return [title, status, reason, message, ...warnings]
    .filter((part) => part !== undefined)
    .map(String)
    .join(' · ')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/gu, 'UID')
    .replaceAll(/127\.0\.0\.1:\d+/gu, 'HOST')
    .replaceAll(/ResourceVersion: \d+/gu, 'ResourceVersion: N')
}

export const questions: readonly Question[] = [
  ...readingQuestions,
  {
    title: 'an approval of an older version',
    async ask(cluster) {
      const old = await pending(cluster, 'q-conflict')
      const metadata = { annotations: { 'example.com/touched': 'yes' } }
      const touched = await cluster.adminRequest('PATCH', pathOf('q-conflict'), { metadata })
      const patch = {
        metadata: { resourceVersion: versionOf(old) },
        status: { conditions: [APPROVED] },
      }
      return [
        seen('touched', touched),
        seen('put', await decide(cluster, old, [APPROVED])),
        seen('patch', await cluster.adminRequest('PATCH', pathOf('q-conflict', '/approval'), patch)),
      ]
    },
    answers: [
      'touched · 200',
      'put · 409 · Conflict · Operation cannot be fulfilled on certificatesigningrequests.certificates.k8s.io "q-conflict": the object has been modified; please apply your changes to the latest version and try again',
      'patch · 409 · Conflict · Operation cannot be fulfilled on certificatesigningrequests.certificates.k8s.io "q-conflict": the object has been modified; please apply your changes to the latest version and try again',
    ],
  },
  {
    title: 'an approval of what is approved',
    async ask(cluster) {
      const approved = await decide(cluster, await pending(cluster, 'q-approved'), [{ ...APPROVED, ...AT }])
      const again = await untilIssued(cluster, 'q-approved')
      const same = await decide(cluster, again, [{ ...APPROVED, ...AT }])
      const isUnchanged = versionOf(same.body) === versionOf(again)
      return [
        seen('approved', approved),
        seen('the same again', same),
        `unchanged: ${isUnchanged}`,
        seen('twice', await decide(cluster, again, [APPROVED, APPROVED])),
        seen('denied too', await decide(cluster, again, [APPROVED, DENIED])),
      ]
    },
    answers: [
      'approved · 200',
      'the same again · 200',
      'unchanged: true',
      'twice · 422 · Invalid · CertificateSigningRequest.certificates.k8s.io "q-approved" is invalid: status.conditions[1].type: Duplicate value: "Approved"',
      'denied too · 422 · Invalid · CertificateSigningRequest.certificates.k8s.io "q-approved" is invalid: status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    ],
  },
  {
    title: 'a condition that is removed, or has no status',
    async ask(cluster) {
      const denied = await decide(cluster, await pending(cluster, 'q-removed'), [DENIED])
      const bare = await pending(cluster, 'q-bare')
      return [
        seen('denied', denied),
        seen('removed', await decide(cluster, denied.body, [])),
        seen('without status', await decide(cluster, bare, [{ type: 'Approved', reason: 'x' }])),
        seen('false', await decide(cluster, bare, [{ ...APPROVED, status: 'False' }])),
      ]
    },
    answers: [
      'denied · 200',
      'removed · 422 · Invalid · CertificateSigningRequest.certificates.k8s.io "q-removed" is invalid: status.conditions: Forbidden: updates may not remove a condition of type "Denied"',
      'without status · 422 · Invalid · CertificateSigningRequest.certificates.k8s.io "q-bare" is invalid: status.conditions[0].status: Required value',
      'false · 422 · Invalid · CertificateSigningRequest.certificates.k8s.io "q-bare" is invalid: status.conditions[0].status: Unsupported value: "False": supported values: "True"',
    ],
  },
  {
    title: 'a write for an object of another uid',
    async ask(cluster) {
      const csr = await pending(cluster, 'q-uid')
      const uid = '00000000-0000-4000-8000-000000000000'
      const other = { ...csr, metadata: { ...objectAt(csr, 'metadata'), uid } }
      const patch = { metadata: { uid }, status: { conditions: [APPROVED] } }
      const options = { preconditions: { uid } }
      return [
        seen('put', await decide(cluster, other, [APPROVED])),
        seen('patch', await cluster.adminRequest('PATCH', pathOf('q-uid', '/approval'), patch)),
        seen('delete', await cluster.adminRequest('DELETE', pathOf('q-uid'), options)),
      ]
    },
    answers: [
      'put · 409 · Conflict · Operation cannot be fulfilled on certificatesigningrequests.certificates.k8s.io "q-uid": StorageError: invalid object, Code: 4, Key: /registry/certificatesigningrequests/q-uid, ResourceVersion: N, AdditionalErrorMsg: Precondition failed: UID in precondition: UID, UID in object meta: UID',
      'patch · 422 · Invalid · CertificateSigningRequest.certificates.k8s.io "q-uid" is invalid: metadata.uid: Invalid value: "UID": field is immutable',
      'delete · 409 · Conflict · Operation cannot be fulfilled on CertificateSigningRequest.certificates.k8s.io "q-uid": the UID in the precondition (UID) does not match the UID in record (UID). The object might have been deleted and then recreated',
    ],
  },
  {
    title: 'a watch from a version that is forgotten',
    async ask(cluster) {
      const version = versionOf(await pending(cluster, 'q-expired'))
      const { body } = await cluster.adminRequest('GET', `${CSRS}?limit=1`)
      const token = textAt(objectAt(body, 'metadata'), 'continue')
      const touched = { metadata: { annotations: { 'example.com/touched': 'yes' } } }
      await cluster.adminRequest('PATCH', pathOf('q-expired'), touched)
      await cluster.forgetVersions()
      const path = `${CSRS}?watch=true&resourceVersion=${version}`
      const error = await cluster.admin.watch(path, () => true, AbortSignal.timeout(10_000))
      const next = `${CSRS}?limit=1&continue=${encodeURIComponent(token)}`
      const page = await cluster.adminRequest('GET', next)
      return [
        `${error['code'] === 410} ${textAt(error, 'reason')}`,
        `${page.status} ${textAt(page.body, 'reason')}`,
      ]
    },
    answers: ['true Expired', '410 Expired'],
  },
  {
    title: 'a webhook that never answers',
    async ask(cluster) {
      await using silent = await listenSilently()
      const { certPem: caPem } = await cluster.issue({ commonName: 'silent', addresses: ['127.0.0.1'] })
      const all: string[] = []
      for (const failurePolicy of ['Ignore', 'Fail'] as const) {
        const { url } = silent
        await registerWebhook(cluster.admin, { url, caPem, failurePolicy, timeoutSeconds: 1 })
        await until(async () => {
          const before = silent.connections()
          await createCsr(cluster.admin, { request, metadata: { name: 'q-probe' } }, '?dryRun=All')
          return silent.connections() > before
        }, 'the webhook is called')
        const body = csrObject({ request, metadata: { name: `q-${failurePolicy}` } })
        all.push(seen(failurePolicy, await cluster.adminRequest('POST', CSRS, body)))
        await unregisterWebhook(cluster.admin)
      }
      return all
    },
    answers: [
      'Ignore · 201',
      'Fail · 500 · InternalError · Internal error occurred: failed calling webhook "webhook.kubelet-csr-gate.io": failed to call webhook: Post "https://HOST/validate?timeout=1s": context deadline exceeded',
    ],
  },
  {
    title: 'an object that is too large',
    async ask(cluster) {
      const maps = '/api/v1/namespaces/default/configmaps'
      const map = (bytes: number) => ({ metadata: { name: 'q-large' }, data: { text: 'x'.repeat(bytes) } })
      const annotations = { 'example.com/large': 'x'.repeat(300_000) }
      return [
        seen('4 MiB', await cluster.adminRequest('POST', maps, map(4 * 1_048_576))),
        seen('over 1 MiB', await cluster.adminRequest('POST', maps, map(1_048_577))),
        seen(
          'annotations',
          await cluster.adminRequest('POST', '/api/v1/nodes', { metadata: { name: 'q-large', annotations } }),
        ),
      ]
    },
    answers: [
      '4 MiB · 413 · RequestEntityTooLarge · Request entity too large: limit is 3145728',
      'over 1 MiB · 422 · Invalid · ConfigMap "q-large" is invalid: []: Too long: may not be more than 1048576 bytes',
      'annotations · 422 · Invalid · Node "q-large" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
    ],
  },
  {
    title: 'a field that its type does not have',
    async ask(cluster) {
      const csr = csrObject({ request, metadata: { name: 'q-unknown' } })
      const more = { ...csr, spec: { ...objectAt(csr, 'spec'), colour: 'green' }, size: 1 }
      const ask = async (query: string) => await cluster.adminRequest('POST', `${CSRS}${query}`, more)
      const warned = await ask('?dryRun=All')
      const mistyped = await cluster.adminRequest('POST', CSRS, { ...csr, spec: { usages: 'server auth' } })
      return [
        seen('warned', warned),
        `kept: ${Object.hasOwn(objectAt(warned.body, 'spec'), 'colour')}`,
        seen('strict', await ask('?dryRun=All&fieldValidation=Strict')),
        seen('ignored', await ask('?dryRun=All&fieldValidation=Ignore')),
        `mistyped · ${mistyped.status} · ${textAt(mistyped.body, 'reason')}`,
      ]
    },
    answers: [
      'warned · 201 · 299 - "unknown field \\"spec.colour\\"" · 299 - "unknown field \\"size\\""',
      'kept: false',
      'strict · 400 · BadRequest · CertificateSigningRequest in version "v1" cannot be handled as a CertificateSigningRequest: strict decoding error: unknown field "spec.colour", unknown field "size"',
      'ignored · 201',
      'mistyped · 400 · BadRequest',
    ],
  },
  {
    title: 'a second signer',
    async ask(cluster) {
      await decide(cluster, await pending(cluster, 'q-signed'), [APPROVED])
      const issued = await untilIssued(cluster, 'q-signed')
      const { certPem } = await cluster.issue({ commonName: 'another' })
      const certificate = Buffer.from(certPem).toString('base64')
      const status = { ...objectAt(issued, 'status'), certificate }
      const other = { ...issued, status }
      const bare = await pending(cluster, 'q-unsigned')
      return [
        seen('over the first', await cluster.adminRequest('PUT', pathOf('q-signed', '/status'), other)),
        seen(
          'a decision by status',
          await cluster.adminRequest('PATCH', pathOf('q-unsigned', '/status'), {
            status: { conditions: [APPROVED] },
          }),
        ),
        `decided: ${JSON.stringify(objectAt((await cluster.adminRequest('GET', pathOf(nameOf(bare)))).body, 'status'))}`,
      ]
    },
    answers: [
      'over the first · 422 · Invalid · CertificateSigningRequest.certificates.k8s.io "q-signed" is invalid: status.certificate: Forbidden: updates may not modify existing certificate content',
      'a decision by status · 422 · Invalid · CertificateSigningRequest.certificates.k8s.io "q-unsigned" is invalid: status.conditions: Forbidden: updates may not add a condition of type "Approved"',
      'decided: {}',
    ],
  },
  {
    title: 'a deletion while it is pending',
    async ask(cluster) {
      const gone = await pending(cluster, 'q-deleted')
      const held = await pending(cluster, 'q-held', { finalizers: ['example.com/keep'] })
      const deleted = await cluster.adminRequest('DELETE', pathOf('q-deleted'))
      const marked = await cluster.adminRequest('DELETE', pathOf('q-held'))
      const metadata = { finalizers: [] }
      return [
        seen('deleted', deleted),
        seen('approved after', await decide(cluster, gone, [APPROVED])),
        seen('marked', marked),
        `marked: ${textAt(objectAt(marked.body, 'metadata'), 'deletionTimestamp') !== ''}`,
        seen('held', await cluster.adminRequest('GET', pathOf(nameOf(held)))),
        seen('freed', await cluster.adminRequest('PATCH', pathOf('q-held'), { metadata })),
        seen('after', await cluster.adminRequest('GET', pathOf('q-held'))),
      ]
    },
    answers: [
      'deleted · 200',
      'approved after · 404 · NotFound · certificatesigningrequests.certificates.k8s.io "q-deleted" not found',
      'marked · 200',
      'marked: true',
      'held · 200',
      'freed · 200',
      'after · 404 · NotFound · certificatesigningrequests.certificates.k8s.io "q-held" not found',
    ],
  },
]

async function untilIssued(cluster: Cluster, name: string): Promise<JsonObject> {
  return await until(async () => {
    const { body } = await cluster.adminRequest('GET', pathOf(name))
    return textAt(objectAt(body, 'status'), 'certificate') !== '' && isObject(body) && body
  }, `${name} is issued`)
}
