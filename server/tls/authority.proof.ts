import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { issueAuthority, issueLeaf } from './authority.ts'

test('OpenSSL verifies the chain in strict mode', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'authority-'))
  try {
    const now = Date.now()
    const authority = issueAuthority(now)
    const served = issueLeaf(authority, ['webhook.system.svc', '127.0.0.1', '::1'], now)
    const [ca, leaf] = [join(folder, 'ca.pem'), join(folder, 'leaf.pem')]
    await Promise.all([writeFile(ca, authority.certificate), writeFile(leaf, served.certificate)])
    const at = String(Math.floor(now / 1_000) + 60)
    const strict = ['verify', '-x509_strict', '-check_ss_sig', '-purpose', 'sslserver', '-attime', at]
    const output = execFileSync('openssl', [...strict, '-CAfile', ca, leaf], { encoding: 'utf8' })
    assert.equal(output, `${leaf}: OK\n`)
  } finally {
    await rm(folder, { recursive: true })
  }
})
