import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import { createAuthority } from '../../test/kit/pki.ts'
import type { Dialled } from './dial.ts'
import type { FleetCsr } from './read-fleet.ts'
import { isServing, standingOf } from './standing.ts'

const now = Date.now()
const node = { name: 'n1', createdAt: now - 60_000, ready: true, dial: { address: '10.0.0.1', port: 10_250 } }
const pending: FleetCsr = {
  name: 'csr-1',
  node: 'n1',
  createdAt: now - 45_000,
  state: 'pending',
  message: '',
  fingerprint: null,
}
const bare: Dialled = { saw: 'noCertificate' }
let good: X509Certificate

async function certificateOf(commonName: string, addresses: readonly string[], ca = 'cluster-ca') {
  const authority = await createAuthority(ca)
  return new X509Certificate((await authority.issue({ commonName, names: ['n1'], addresses })).certPem)
}

const shown = (certificate: X509Certificate, verified = true): Dialled => ({
  saw: 'certificate',
  certificate,
  verified,
})

function said(csr: FleetCsr | null, dialled: Dialled | null, at = now): string {
  const { serving, finding } = standingOf(node, csr, { dialled, now: at })
  return `${serving} ${finding?.code ?? 'none'}`
}

before(async () => {
  good = await certificateOf('system:node:n1', ['10.0.0.1'])
})

test('a node that serves its own certificate of the cluster is done', () => {
  const standing = standingOf(node, null, { dialled: shown(good), now })
  assert.equal(standing.finding, null)
  assert.ok(isServing(standing))
})

test('the certificate that was issued counts, whichever CA signed it', () => {
  const issued = { ...pending, state: 'issued' as const, fingerprint: good.fingerprint256 }
  assert.equal(said(issued, shown(good, false)), 'yes none')
  assert.equal(said({ ...issued, fingerprint: null }, shown(good, false)), 'otherCa OtherCa')
})

test('without a certificate, the finding is where the CSR stays', () => {
  assert.equal(said(null, bare), 'noCertificate NoCsr')
  assert.equal(said(pending, bare), 'noCertificate CsrPending')
  assert.equal(said({ ...pending, state: 'denied' }, bare), 'noCertificate CsrDenied')
  assert.equal(said({ ...pending, state: 'failed' }, bare), 'noCertificate CsrFailed')
  assert.equal(said({ ...pending, state: 'approved' }, bare), 'noCertificate NotIssued')
  assert.equal(said({ ...pending, state: 'issued' }, bare), 'noCertificate NotServedYet')
})

test('the finding of a pending CSR says for how long, and what to run', () => {
  const { finding } = standingOf(node, pending, { dialled: bare, now })
  assert.equal(finding?.message, 'nobody has approved csr-1 for 45s: kubelet-csr-gate explain csr/csr-1')
})

test('a certificate of another node, without the dialled address, or past its time is a finding', async () => {
  assert.equal(said(null, shown(await certificateOf('system:node:n10', ['10.0.0.1']))), 'otherNode OtherNode')
  assert.equal(said(null, shown(await certificateOf('system:node:n1', ['10.0.0.2']))), 'yes AddressMissing')
  const until = good.validToDate.getTime()
  assert.equal(said(null, shown(good), until + 1), 'expired Expired')
  assert.equal(said(null, shown(good), until - 1_000), 'yes ExpiresSoon')
})

test('a self-made certificate means that serverTLSBootstrap is off', async () => {
  const selfMade = await certificateOf('n1@1767225600', ['10.0.0.1'], 'n1-ca@1767225600')
  assert.equal(said(null, shown(selfMade, false)), 'selfMade BootstrapOff')
})

test('what cannot be seen is never fine', () => {
  const nothing: Dialled = { saw: 'nothing', because: 'no answer in 1000 ms' }
  assert.equal(said(null, nothing), 'notVisible NotVisible')
  assert.equal(said(pending, nothing), 'notVisible CsrPending')
  const standing = standingOf(node, { ...pending, state: 'issued' }, { dialled: null, now })
  assert.equal(isServing(standing), false)
})
