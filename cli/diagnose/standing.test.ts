import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import { createAuthority } from '../../test/kit/pki.ts'
import { isServing, type Standing, standingsOf } from './diagnose.ts'
import type { Dialled } from './dial.ts'
import type { CsrFacts, NodeFacts } from './facts.ts'
import { kubeletsOf } from './kubelets.ts'

const now = Date.now()
const node: NodeFacts = {
  name: 'n1',
  createdAt: now - 60_000,
  ready: true,
  addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
  dial: { address: '10.0.0.1', port: 10_250 },
  reportedPort: 10_250,
  uninitialized: false,
  controlPlane: false,
}
const pending: CsrFacts = {
  name: 'csr-1',
  node: 'n1',
  createdAt: now - 90_000,
  state: 'pending',
  reason: '',
  message: '',
  certificate: null,
}
const bare: Dialled = { kind: 'noCertificate' }
let good: X509Certificate

async function certificateOf(commonName: string, addresses: readonly string[], ca = 'cluster-ca') {
  const authority = await createAuthority(ca)
  return new X509Certificate((await authority.issue({ commonName, names: ['n1'], addresses })).certPem)
}

const shown = (certificate: X509Certificate, verified = true): Dialled => ({
  kind: 'certificate',
  certificate,
  verified,
})

const HIDDEN = { known: false, because: 'not visible' } as const

function standing(csr: CsrFacts | null, dialled: Dialled | null, at = now): Standing {
  const csrs = csr === null ? [] : [csr]
  const seen = { dialled: new Map(dialled === null ? [] : [[node.name, dialled]]), cas: [], now: at }
  const [found] = standingsOf({
    now: at,
    clockAheadMs: 0,
    clientCas: HIDDEN,
    nodes: { known: true, value: [node] },
    csrs: { known: true, value: csrs },
    kubelets: { known: true, value: kubeletsOf([node], csrs, seen) },
    apiServers: HIDDEN,
    controllerManagers: HIDDEN,
  })
  assert.ok(found !== undefined)
  return found
}

function said(...args: Parameters<typeof standing>): string {
  const { serving, finding } = standing(...args)
  return `${serving} ${finding?.code ?? 'none'}`
}

before(async () => {
  good = await certificateOf('system:node:n1', ['10.0.0.1'])
})

test('a node that serves its own certificate of the cluster is done', () => {
  const done = standing(null, shown(good))
  assert.equal(done.finding, null)
  assert.ok(isServing(done))
})

test('the certificate that was issued counts, whichever CA signed it', async () => {
  const issued = { ...pending, state: 'issued' as const, certificate: good }
  assert.equal(said(issued, shown(good, false)), 'yes none')
  const other = await certificateOf('system:node:n1', ['10.0.0.1'], 'other')
  assert.equal(said({ ...issued, certificate: other }, shown(good, false)), 'otherCa none')
})

test('without a certificate, the finding is where the CSR stays', () => {
  assert.equal(said(null, bare), 'noCertificate NoCsr')
  assert.equal(said(pending, bare), 'noCertificate CsrPending')
  assert.equal(said({ ...pending, state: 'denied' }, bare), 'noCertificate CsrDenied')
  assert.equal(said({ ...pending, state: 'failed' }, bare), 'noCertificate CsrFailed')
  assert.equal(said({ ...pending, state: 'approved' }, bare), 'noCertificate NotIssued')
  assert.equal(said({ ...pending, state: 'issued' }, bare), 'noCertificate NotServedYet')
})

test('the finding of a CSR says for how long it waits, and what to run; its name stays one word', () => {
  const { finding } = standing({ ...pending, name: 'x;reboot' }, bare)
  assert.equal(finding?.evidence, 'x;reboot has been pending for 90s')
  assert.deepEqual(finding.fix, [{ about: 'See why', run: "kubelet-csr-gate explain csr/'x;reboot'" }])
})

test('what has just begun is for information: a node whose renewal waits for a second is done', () => {
  const renewing = standing({ ...pending, createdAt: now - 1_000 }, shown(good))
  assert.deepEqual([renewing.finding?.code, renewing.finding?.severity], ['CsrPending', 'info'])
  assert.ok(isServing(renewing))
  assert.equal(isServing(standing(pending, shown(good))), false)
})

test('a certificate of another node, without the dialled address, or past its time is a finding', async () => {
  assert.equal(said(null, shown(await certificateOf('system:node:n10', ['10.0.0.1']))), 'otherNode OtherNode')
  assert.equal(
    said(null, shown(await certificateOf('system:node:n1', ['10.0.0.2']))),
    'yes AddressNotInCertificate',
  )
  const until = good.validToDate.getTime()
  assert.equal(said(null, shown(good), until + 1), 'expired CertificateExpired')
  assert.equal(said(null, shown(good), until - 1_000), 'yes ExpiresSoon')
})

test('a self-made certificate means that serverTLSBootstrap is off', async () => {
  const selfMade = await certificateOf('n1@1767225600', ['10.0.0.1'], 'n1-ca@1767225600')
  assert.equal(said(null, shown(selfMade, false)), 'selfMade BootstrapOff')
})

test('what cannot be seen is never fine', () => {
  const nothing: Dialled = { kind: 'nothing', because: 'no answer in 1000 ms' }
  assert.equal(said(null, nothing), 'notVisible KubeletsAnswer')
  assert.equal(said(pending, nothing), 'notVisible CsrPending')
  assert.equal(isServing(standing({ ...pending, state: 'issued' }, null)), false)
})
