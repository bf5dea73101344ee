import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectTcp, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { issueAuthority, issueLeaf } from '../server/tls/authority.ts'
import { freePort } from '../test/kit/ports.ts'
import { until } from '../test/kit/until.ts'

const MAIN = join(import.meta.dirname, 'main.ts')
let folder = ''
const at = (name: string) => join(folder, name)

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-test-'))
  const leaf = issueLeaf(issueAuthority(Date.now()), ['127.0.0.1'], Date.now())
  await writeFile(at('cert.pem'), leaf.certificate)
  await writeFile(at('key.pem'), leaf.key)
  const nobody = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: { token: 't' } }],
  }
  await writeFile(at('kubeconfig'), JSON.stringify(nobody))
})
after(() => rm(folder, { recursive: true, force: true }))

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  readonly output: () => { readonly stdout: string; readonly stderr: string }
}

/** Ends a started process even if the test fails. In the foreground, it passes a signal on once: two would cut the drain short. */
const LIFETIME_SECONDS = '60'

/** The environment is empty but for these, so that the caller's variables do not change the test. */
function run(...args: string[]): Run {
  const env = { PATH: process.env['PATH'], HOME: folder }
  const child = spawn('timeout', ['--foreground', LIFETIME_SECONDS, process.execPath, MAIN, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const { promise: ended, resolve } = Promise.withResolvers<number | null>()
  child.on('close', (code) => resolve(code))
  return { child, ended, output: () => ({ stdout, stderr }) }
}

test('the version is printed', async () => {
  const { ended, output } = run('version')
  assert.equal(await ended, 0)
  assert.match(output().stdout, /^kubelet-csr-gate \d+\.\d+\.\d+ on Node v\d+/u)
})

test('an unknown command or flag ends with exit code 2 and a suggestion', async () => {
  const command = run('sevre')
  assert.equal(await command.ended, 2)
  assert.match(command.output().stderr, /unknown command 'sevre'\n\(Did you mean serve\?\)/u)
  const flag = run('serve', '--confg=x')
  assert.equal(await flag.ended, 2)
  assert.match(flag.output().stderr, /unknown option '--confg=x'\n\(Did you mean --config\?\)/u)
})

/** The path of a config file, with the test's certificate. */
async function configFile(settings: object): Promise<string> {
  const path = at(`config-${Object.keys(settings).join('-')}.yaml`)
  const tls = { certFile: at('cert.pem'), keyFile: at('key.pem') }
  await writeFile(path, JSON.stringify({ tls, listenAddress: '127.0.0.1', ...settings }))
  return path
}

test('a config file with faults gives a line for each, and one for the certificate, and exit code 2, and nothing starts', async () => {
  const config = at('six.yaml')
  await writeFile(
    config,
    `policy:
  mode: enforced
  names: {patterns: ["["]}
tls: {certFile: ${at('none.pem')}, keyFile: ${at('key.pem')}}
kubelet: {port: 0}
leaderElection: {leaderElect: maybe}
`,
  )
  const { ended, output } = run('serve', `--config=${config}`, `--kubeconfig=${at('kubeconfig')}`)
  assert.equal(await ended, 2)
  const { stdout, stderr } = output()
  assert.equal(stdout, '')
  const lines = stderr.trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => line.slice(0, line.indexOf(' '))),
    [`${config}:2:3`, `${config}:3:22`, `${config}:5:11`, `${config}:6:18`, `${at('none.pem')}:`],
  )
})

test('a component that the config file does not enable cannot be run', async () => {
  const config = await configFile({ controller: { enabled: false } })
  const { ended, output } = run('serve', `--config=${config}`, '--component=controller')
  assert.equal(await ended, 2)
  assert.equal(output().stderr, '--component: is controller, which the config file does not enable\n')
})

test('without an API server the process is live but not ready, says why, and stops on SIGTERM', async () => {
  const [webhook, metrics] = [await freePort(), await freePort()]
  const { child, ended, output } = run(
    'serve',
    `--kubeconfig=${at('kubeconfig')}`,
    `--config=${await configFile({
      webhook: { port: webhook },
      metrics: { port: metrics },
      leaderElection: { leaderElect: false },
      drainSeconds: 1,
    })}`,
  )
  try {
    await until(() => output().stdout.includes('"serving"'), 'it serves', 40_000)
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${metrics}${path}`)
      return `${response.status} ${await response.text()}`
    }
    assert.equal(await get('/livez'), '200 ok\n')
    assert.match(await get('/readyz'), /^503 (.*\n)*\[-\]lists failed: /u)
    assert.match(await get('/metrics'), /^kubelet_csr_gate_pending_csrs\{component="[a-z]+"\} 0$/mu)
    child.kill('SIGTERM')
    await until(async () => /\[-\]draining failed: shutting down/u.test(await get('/readyz')), 'it drains')
    assert.equal(await isListening(webhook), true, 'still listening while it drains')
    assert.equal(await ended, 0)
    const lines = output()
      .stdout.trimEnd()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line))
    const messages = lines.map((line) => line['msg'])
    assert.deepEqual(messages.slice(-2), ['draining', 'stopped'])
    assert.ok(lines.every((line) => typeof line['time'] === 'string' && typeof line['level'] === 'string'))
  } finally {
    child.kill('SIGTERM')
  }
})

function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connectTcp({ host: '127.0.0.1', port }, () => {
    socket.destroy()
    resolve(true)
  })
  socket.on('error', () => resolve(false))
  return promise
}

test('a port that is in use gives one error line and exit code 3', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  assert.ok(address !== null && typeof address === 'object')
  try {
    const config = await configFile({
      webhook: { enabled: false },
      metrics: { port: address.port },
      leaderElection: { leaderElect: false },
    })
    const { ended, output } = run('serve', `--kubeconfig=${at('kubeconfig')}`, `--config=${config}`)
    assert.equal(await ended, 3)
    assert.match(
      output().stderr,
      /^kubelet-csr-gate: listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+\n$/u,
    )
  } finally {
    taken.close()
  }
})
