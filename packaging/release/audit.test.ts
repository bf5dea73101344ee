import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

interface Audited {
  readonly code: number
  readonly said: string
}

const ADVISORIES = '/-/npm/v1/security/advisories/bulk'

/** `npm run audit` with npm itself, at a registry that answers the question for advisories so. */
async function audited(answer: (response: ServerResponse) => void): Promise<Audited> {
  const registry = createServer((request, response) => {
    request.resume()
    if (request.url === ADVISORIES) answer(response)
    else response.writeHead(request.method === 'GET' ? 404 : 405).end('{}')
  })
  registry.listen(0, '127.0.0.1')
  await once(registry, 'listening')
  const address = registry.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const cache = await mkdtemp(join(tmpdir(), 'kubelet-csr-gate-audit-'))
  const env = {
    ...process.env,
    npm_config_registry: `http://127.0.0.1:${port}`,
    npm_config_cache: cache,
    npm_config_fetch_retries: '0',
  }
  try {
    return await new Promise((resolve) => {
      execFile(process.execPath, [join(import.meta.dirname, 'audit.ts')], { env }, (error, stdout) =>
        resolve({ code: Number(error?.code ?? 0), said: stdout.trimEnd().split('\n').slice(1).join('\n') }),
      )
    })
  } finally {
    registry.close()
    await rm(cache, { recursive: true })
  }
}

test('a registry that knows of no advisory lets a release pass', async () => {
  assert.deepEqual(await audited((response) => response.end('{}')), {
    code: 0,
    said: 'advisories: 0 high or critical among the runtime dependencies',
  })
})

test('a registry that knows of a high one stops it, though a dependency of a dependency has it', async () => {
  const advisory = {
    id: 1,
    url: 'https://example.com/advisory',
    title: 'host confusion',
    severity: 'high',
    vulnerable_versions: '*',
    cwe: [],
    cvss: { score: 0, vectorString: null },
  }
  const { code, said } = await audited((response) => response.end(JSON.stringify({ 'fast-uri': [advisory] })))
  assert.equal(code, 1)
  assert.match(said, /^high: fast-uri: host confusion$/m)
})

test('a registry that does not answer for advisories stops it', async () => {
  const { code, said } = await audited((response) => response.writeHead(405).end('{}'))
  assert.equal(code, 2)
  assert.match(said, /^advisories: unproven, 405 Method Not Allowed/)
})
