import type { Contents } from '../../cli/report/contents.ts'

const DAY_MS = 86_400_000
const now = Date.UTC(2026, 10, 26, 12)

type NodeRow = Contents['nodes'][number]
type CsrRow = Contents['csrs'][number]

const problems: readonly Partial<NodeRow>[] = [
  {},
  {},
  {
    serving: 'noCertificate',
    notBefore: null,
    notAfter: null,
    from: null,
    sans: [],
    finding: 'nobody has approved csr-x for 12m: kubelet-csr-gate explain csr/csr-x',
  },
  {
    serving: 'selfMade',
    notBefore: now - 40 * DAY_MS,
    notAfter: now + 3_600 * DAY_MS,
    finding: 'its certificate is self-made: set serverTLSBootstrap: true in its KubeletConfiguration',
  },
  { serving: 'expired', notAfter: now - 3 * DAY_MS, finding: 'its certificate has expired' },
]

/** A fleet of which every tenth node has a problem. */
export function contentsOfNodes(count: number): Contents {
  const nodes = Array.from({ length: count }, (_, index) => nodeRow(index))
  return {
    context: 'production',
    server: 'https://10.0.0.1:6443',
    version: 'v1.36.3',
    madeBy: 'kubelet-csr-gate 0.1.0',
    now,
    summary: {
      nodes: count,
      serving: nodes.filter(({ serving }) => serving === 'yes').length,
      pending: nodes.filter(({ serving }) => serving === 'noCertificate').length,
      notVisible: 0,
      denied: nodes.filter((_, index) => index % 7 === 3).length,
    },
    nodes,
    csrs: nodes.map(({ name }, index) => csrRow(name, index)),
    findings,
  }
}

function nodeRow(index: number): NodeRow {
  const name = `worker-${index + 1}.eu-central-1.compute.internal`
  const address = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`
  const begun = now - ((index * 37) % 330) * DAY_MS
  const healthy: NodeRow = {
    name,
    ready: index % 23 !== 5,
    serving: 'yes',
    notBefore: begun,
    notAfter: begun + 365 * DAY_MS,
    from: index % 9 === 4 ? 'csr' : 'kubelet',
    issuer: 'CN=kubernetes',
    addresses: [
      { type: 'InternalIP', value: address, covered: index % 31 !== 6 },
      { type: 'Hostname', value: name, covered: true },
    ],
    sans: index % 31 === 6 ? [name] : [name, address],
    finding: '',
  }
  const problem = index < 3 || index % 10 === 9 ? problems[index % problems.length] : {}
  return { ...healthy, ...problem }
}

const decisions = [
  { state: 'issued', reason: 'Approved', message: 'names and addresses belong to the Node' },
  { state: 'pending', reason: '', message: '' },
  {
    state: 'denied',
    reason: 'AddressNotOfNode',
    message: 'asks for 10.96.0.1; the Node reports 10.0.0.4: ask with the addresses of the Node',
  },
  { state: 'approved', reason: 'Approved', message: 'names and addresses belong to the Node' },
] as const

function csrRow(node: string, index: number): CsrRow {
  const decision = decisions[index % 7 === 3 ? 2 : index % 11 === 2 ? 1 : 0]
  return {
    name: `csr-${index.toString(36).padStart(5, 'q')}`,
    node,
    createdAt: now - index * 700,
    ...decision,
  }
}

const findings: Contents['findings'] = [
  {
    severity: 'critical',
    code: 'SharedCa',
    subject: 'the cluster',
    evidence: 'the CA of kubelets also verifies the API server',
    fix: ['kubeadm certs renew all'],
  },
  {
    severity: 'notVisible',
    code: 'SignerFlags',
    subject: 'kube-controller-manager',
    evidence: 'its Pod cannot be read (403)',
    fix: [],
  },
  {
    severity: 'ok',
    code: 'NodeRestriction',
    subject: 'kube-apiserver',
    evidence: 'NodeRestriction is on',
    fix: [],
  },
]
