/** `npm run audit` with npm itself, against registries on loopback. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const ADVISORIES = '/-/npm/v1/security/advisories/bulk'

/** Exit code and output, where the registry answers the question for advisories with this status and body. */
async function audited(status: number, body: object): Promise<{ code: number; output: string }> {
  const registry = createServer((request, response) => {
    request.resume()
    if (request.url === ADVISORIES) response.writeHead(status).end(JSON.stringify(body))
    else response.writeHead(request.method === 'GET' ? 404 : 405).end('{}')
  })
  registry.listen(0, '127.0.0.1')
  await once(registry, 'listening')
  const address = registry.address()
  const cache = await mkdtemp(join(tmpdir(), 'kubelet-csr-gate-audit-'))
  const env = {
    ...process.env,
    npm_config_registry: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    npm_config_cache: cache,
    npm_config_fetch_retries: '0',
  }
  const cwd = join(import.meta.dirname, '..', '..')
  try {
    return await new Promise((resolve) => {
      execFile('npm', ['run', 'audit'], { env, cwd }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
      )
    })
  } finally {
    registry.close()
    await rm(cache, { recursive: true })
  }
}

const advisory = (severity: string) => ({
  'fast-uri': [{ id: 1, url: '', title: 'host confusion', severity, vulnerable_versions: '*', cvss: {} }],
})

test('a registry without a high or critical advisory lets a release pass', async () => {
  for (const answer of [{}, advisory('moderate')]) assert.equal((await audited(200, answer)).code, 0)
})

test('a high advisory stops a release, though only a dependency of a dependency has it', async () => {
  const { code, output } = await audited(200, advisory('high'))
  assert.equal(code, 1)
  assert.match(output, /^host confusion/m)
})

test('a registry that does not answer for advisories stops a release', async () => {
  const { code, output } = await audited(405, {})
  assert.equal(code, 1)
  assert.match(output, /audit endpoint returned an error/)
})
