/**
 * What the files of the suite may say: schema.json is made from this by `node test/suite/schema.ts`.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Static, Type } from 'typebox'
import type { JsonObject } from '../../server/ports.ts'
import { closed, flag, oneOf, text, texts, version } from './schema-parts.ts'
import { matrix, sequences } from './sequences/schema.ts'

const address = closed({
  type: oneOf(['Hostname', 'InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS']),
  address: Type.String(),
})
const reports = (description: string) => Type.Array(address, { description })

const node = closed({
  name: text('Of the Node.'),
  reports: reports('status.addresses of the Node, true or not.'),
  reportsFirst: Type.Optional(
    reports('What it reports until every honest node has its certificate; default the same.'),
  ),
  reportsAfterMs: Type.Optional(
    Type.Integer({ description: 'Its first report is so late after its first request; default before it.' }),
  ),
  answersAt: Type.Optional(
    texts('Addresses where a kubelet of this node answers on port 10250; default all that it reports.'),
  ),
  joins: Type.Optional(
    Type.Literal('afterHonest', {
      description: 'Once every honest node has its certificate; default at the start.',
    }),
  ),
  controlPlane: flag('An administrator gave it the label node-role.kubernetes.io/control-plane.'),
  spec: Type.Optional(
    Type.Unsafe<JsonObject>(
      Type.Object({}, { description: 'spec of the Node, as its kubelet registers it.' }),
    ),
  ),
})

const cluster = closed({
  version,
  apiServer: closed({
    endpoint: text('The host in the ConfigMap kube-public/cluster-info.'),
    node: text('The Node on which it runs.'),
    names: texts('DNS names in its certificate.'),
    addresses: texts('Addresses in its certificate. The one that is in no other list here is its endpoint.'),
  }),
  serviceCidrs: texts('The ranges of Services.'),
  serviceAddresses: texts('Addresses of Services that exist.'),
  policy: closed({
    reservedNames: texts('Names that no node may have.'),
    reservedAddresses: texts('Addresses that no node may have.'),
    namePatterns: texts('What the names of nodes look like: RE2, each for a whole name.'),
    addressPrefixes: texts('Where the addresses of nodes are.'),
    maxExpirationSeconds: Type.Integer({ description: 'The longest life of a certificate.' }),
  }),
  nodes: Type.Array(node),
})

const requester = closed({
  user: text('Its name, as the API server authenticates it.'),
  groups: texts('Besides system:authenticated.'),
  mayCreate: flag('It needs to be granted the right to create CSRs.'),
})

const repeated = closed({ repeat: Type.String(), times: Type.Integer() })

const request = closed({
  commonName: Type.Optional(text('Default the requester’s node: `system:node:NAME`.')),
  organizations: Type.Optional(texts('Default `system:nodes`.')),
  dnsNames: Type.Optional(
    texts('Each character is one octet. Default the names that the node reports, sorted.'),
  ),
  addresses: Type.Optional(texts('Default the addresses that the node reports, sorted.')),
  key: Type.Optional(
    oneOf(['RSA-2048', 'P-256', 'P-384', 'P-521', 'Ed25519'], 'Default P-256. It signs the request.'),
  ),
  raw: Type.Optional(
    Type.Union([Type.String(), Type.Array(Type.Union([Type.String(), repeated]))], {
      description:
        'Instead of all else here: spec.request as it is sent, or parts of it. Its form is the point.',
    }),
  ),
})

const expected = closed({
  decision: oneOf(
    ['approve', 'deny', 'notYet'],
    'approve: a certificate is issued, with just what is asked for. deny: none is, whatever happens. notYet: none is while things are as they are.',
  ),
  reason: Type.Optional(
    text('The code of kubelet-csr-gate for it. What follows is about this program, too.'),
  ),
  fault: Type.Optional(text('With CsrUnreadable: which rule of reading is broken.')),
  at: Type.Optional(
    Type.Integer({ description: 'The octet of the DER that is objected to, 0 for the whole.' }),
  ),
  message: Type.Optional(text('What the reader, or the check, says of the request.')),
  dialled: flag(
    'Only a look settles it, at who answers at the address or where the name leads in DNS, which a webhook does not take.',
  ),
})

const testCase = closed({
  id: Type.String({
    pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
    description: 'Unique in the suite; it never changes.',
  }),
  title: text('What is asked, in a few words.'),
  source: Type.Optional(
    text('The standard, the file of Kubernetes or the CVE that says so, or where the trick is known from.'),
  ),
  why: Type.Optional(text('Why it is not approved.')),
  otherwise: Type.Optional(
    text(
      'Why another approver may rightly decide otherwise. Such a case is counted apart, and no approver is wrong.',
    ),
  ),
  demo: flag('One of the few that are asked where not all can be.'),
  afterHonest: flag('Asked once every honest node has its certificate; default at any time.'),
  node: Type.Optional(text('The node whose kubelet asks; default node-1.')),
  requester: Type.Optional(requester),
  csr: Type.Optional(
    closed({
      usages: Type.Optional(texts('spec.usages; default those of a serving certificate.')),
      expirationSeconds: Type.Optional(Type.Integer()),
      metadata: Type.Optional(
        closed({
          finalizers: Type.Optional(Type.Array(Type.String())),
          ownerReferences: Type.Optional(Type.Array(Type.Record(Type.String(), Type.String()))),
        }),
      ),
    }),
  ),
  request: Type.Optional(request),
  expected,
  kubernetes: Type.Optional(
    oneOf(['accepts', 'refuses'], 'What the API server itself makes of spec.request; default accepts.'),
  ),
})

const cases = closed({
  version,
  title: text('What these cases have in common.'),
  cases: Type.Array(testCase),
})
const suite = closed({
  version,
  cluster: text('The file that describes the cluster in which every case is asked.'),
  cases: texts('The files of cases, in the order in which they are asked.'),
})

const rules = Type.Array(Type.Unsafe<JsonObject>(Type.Object({})))
const approver = closed({
  version,
  name: text('Of the project.'),
  told: text('What it is told, for people.'),
  release: Type.Optional(text('Default what its program bears as a Go module.')),
  command: Type.Array(Type.String(), {
    minItems: 1,
    description:
      'A program in the folder KUBELET_CSR_GATE_BINARIES or on PATH, and its arguments, in which $KUBECONFIG is replaced.',
  }),
  environment: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'Besides KUBECONFIG.' }),
  ),
  account: closed({
    namespace: Type.String(),
    name: Type.String(),
    clusterRules: rules,
    rules: Type.Optional(Type.Record(Type.String(), rules, { description: 'By namespace.' })),
  }),
  ready: text('An address that answers 200 as soon as it works.'),
})

const outcome = closed({
  id: text('Of the case.'),
  outcome: oneOf(
    ['issued', 'otherwiseIssued', 'unsigned', 'denied', 'refused', 'notStored', 'left'],
    'issued: with a certificate, of an honest node for just what it reports. otherwiseIssued: for something else. unsigned: approved, and the signer of Kubernetes refused. denied. refused: by a webhook, when it was created. notStored: refused by the API server itself. left: no answer within 20 s of the last case.',
  ),
  says: Type.Optional(texts('What a certificate says that is not its holder’s.')),
  told: Type.Optional(
    text('What the approver says of such a certificate, where it says more than the condition.'),
  ),
})
const result = closed({
  version,
  day: Type.String(),
  kubernetes: text('Minor version of the cluster.'),
  kubeletsAnswer: Type.Boolean({ description: 'At the addresses of the Nodes, on port 10250.' }),
  approver: closed({ name: Type.String(), told: Type.String(), version: Type.String() }),
  seconds: Type.Integer({ description: 'From the first request to the last answer.' }),
  renewed: Type.Integer({
    description: 'Honest nodes that had another certificate after all hostile requests.',
  }),
  outcomes: Type.Array(outcome),
})

export type SuiteNode = Static<typeof node>
export type ClusterFile = Static<typeof cluster>
export type Requester = Static<typeof requester>
export type Case = Static<typeof testCase>
export type CasesFile = Static<typeof cases>
export type ApproverFile = Static<typeof approver>
export type Outcome = Static<typeof outcome>
export type Result = Static<typeof result>
export type SuiteFile = Static<typeof suite>

export const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A suite of requests for serving certificates of kubelets',
  $defs: { suite, cluster, cases, sequences, matrix, approver, result },
} as const

if (import.meta.main) {
  const path = join(import.meta.dirname, 'schema.json')
  writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`)
}
