import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { access, chmod, constants, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { writeTar } from '../kit/tar.ts'
import type { Resolution } from './resolution.ts'
import { resolveBinaries } from './resolve.ts'
import { SUMS } from './sums.ts'
import { KUBERNETES, MINOR_VARIABLE, versionOf } from './versions.ts'

/** A release as the hosts serve it, by `/<host>/<path>`. */
type Site = Map<string, { readonly body: Buffer; readonly cutAt?: number }>

const VERSION = versionOf('kubernetes', {})
const ETCD_VERSION = versionOf('etcd', {})
const APISERVER = `/dl.k8s.io/${VERSION}/bin/linux/amd64/kube-apiserver`
const ETCD = `/github.com/etcd-io/etcd/releases/download/${ETCD_VERSION}`

let home = ''
let lines: string[] = []
let site: Site = new Map()
let close = () => {}
let resolution: Resolution

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'kubelet-csr-gate-resolve-'))
  lines = []
  site = new Map()
  const mirror = await serve()
  resolution = {
    // An empty PATH: there is no Go, unless a test puts one there.
    environment: { XDG_CACHE_HOME: home, PATH: join(home, 'path'), KUBELET_CSR_GATE_DOWNLOAD: mirror },
    platform: { os: 'linux', arch: 'amd64' },
    print: (line) => void lines.push(line),
    sums: {},
    beginMs: 30_000,
  }
})

afterEach(async () => {
  close()
  await rm(home, { recursive: true })
})

test('each program comes from the first source that has it, and the source is logged', async () => {
  const ours = await program('ours/kube-controller-manager')
  const envtest = await program('envtest/kube-apiserver')
  const kept = await program(`kubelet-csr-gate/binaries/etcd-${ETCD_VERSION}-linux-amd64/etcd`)
  const environment = {
    ...resolution.environment,
    KUBELET_CSR_GATE_BINARIES: join(home, 'ours'),
    KUBEBUILDER_ASSETS: join(home, 'envtest'),
  }
  const found = await resolveBinaries(['etcd', 'kube-apiserver', 'kube-controller-manager'], {
    ...resolution,
    environment,
  })
  assert.equal(found('etcd'), kept)
  assert.equal(found('kube-apiserver'), envtest)
  assert.equal(found('kube-controller-manager'), ours)
  assert.deepEqual(lines, [
    `etcd from the cache: ${kept}`,
    `kube-apiserver from KUBEBUILDER_ASSETS: ${envtest}`,
    `kube-controller-manager from KUBELET_CSR_GATE_BINARIES: ${ours}`,
  ])
})

test('programs that cannot be downloaded are built, those of Kubernetes by one command', async () => {
  await go(
    'for last do :; done; echo "$@" >> "$(dirname "$0")/calls"; shift 4; for p in kube-apiserver kubectl; do echo "built" > "$1/$p"; done',
  )
  const found = await resolveBinaries(['kube-apiserver', 'kubectl'], resolution)
  assert.equal(await readFile(found('kubectl'), 'utf8'), 'built\n')
  const calls = (await readFile(join(home, 'path', 'calls'), 'utf8')).trim().split('\n')
  assert.equal(calls.length, 1)
  assert.match(
    calls[0] ?? '',
    /gitVersion=v1\.36\.3 .* k8s\.io\/kubernetes\/cmd\/kube-apiserver k8s\.io\/kubernetes\/cmd\/kubectl$/,
  )
  assert.deepEqual(await stored('kubernetes'), ['kube-apiserver', 'kubectl'])
})

test('a program is downloaded first, with the expected time logged before; it is kept and can be run', async () => {
  await go('exit 1')
  publish(APISERVER, Buffer.from('released'))
  const found = await resolveBinaries(['kube-apiserver'], resolution)
  assert.equal(await readFile(found('kube-apiserver'), 'utf8'), 'released')
  await access(found('kube-apiserver'), constants.X_OK)
  assert.deepEqual(await stored('kubernetes'), ['kube-apiserver'])
  assert.equal(lines[0], 'kube-apiserver: downloading; about a minute')
  assert.match(lines[1] ?? '', /with the sum that lies beside the file$/)
})

test('a download that does not begin in time is followed by a build, with the reason and the expected time logged', async () => {
  await go('case "$*" in *kubectl) echo built > "$5/kubectl";; *) echo built > "$5";; esac')
  const silent = createServer(() => undefined)
  const environment = { ...resolution.environment, KUBELET_CSR_GATE_DOWNLOAD: await listen(silent) }
  const found = await resolveBinaries(['kubectl', 'etcd'], { ...resolution, environment, beginMs: 100 })
  silent.closeAllConnections()
  silent.close()
  assert.equal(await readFile(found('etcd'), 'utf8'), 'built\n')
  assert.match(lines[1] ?? '', /^kubectl: not downloaded: .*kubectl\.sha256: no answer within 0\.1 s$/)
  assert.match(lines[2] ?? '', /^kubectl: building kubernetes v\S+ from Go modules: about 5 min, once$/)
  assert.ok(lines.some((line) => /^etcd: not downloaded: .*no answer within 0\.1 s$/.test(line)))
})

test('a build that fails after a failed download is reported with both reasons', async () => {
  await go('echo "no module here" >&2; exit 1')
  await assert.rejects(
    resolveBinaries(['kube-apiserver'], resolution),
    /cannot get kube-apiserver\n.*\n {2}not downloaded: .* answers 404\n {2}not built: go build failed: no module here$/,
  )
})

test('a pinned sum is used instead of the one beside the file', async () => {
  publish(APISERVER, Buffer.from('replaced, with its sum'))
  const sum = createHash('sha256').update('released').digest('hex')
  const sums = { [`https:/${APISERVER}`]: sum }
  await assert.rejects(
    resolveBinaries(['kube-apiserver'], { ...resolution, sums }),
    /has SHA-256 .* and not /,
  )
  publish(APISERVER, Buffer.from('released'))
  const found = await resolveBinaries(['kube-apiserver'], { ...resolution, sums })
  assert.equal(await readFile(found('kube-apiserver'), 'utf8'), 'released')
  assert.match(lines.at(-1) ?? '', /with the sum that this repository pins$/)
})

test('the pinned sums are of versions that are used', () => {
  const run = [ETCD_VERSION, ...Object.values(KUBERNETES)]
  for (const url of Object.keys(SUMS))
    assert.ok(
      run.some((version) => url.includes(`/${version}/`)),
      url,
    )
})

test('a program inside an archive is unpacked after the sum of the archive was found right', async () => {
  const name = `etcd-${ETCD_VERSION}-linux-amd64`
  const archive = await archiveOf({ [`${name}/README.md`]: 'read me', [`${name}/etcd`]: 'the server' })
  const sum = createHash('sha256').update(archive).digest('hex')
  site.set(`${ETCD}/${name}.tar.gz`, { body: archive })
  site.set(`${ETCD}/SHA256SUMS`, {
    body: Buffer.from(`${'0'.repeat(64)}  other.tar.gz\n${sum}  ${name}.tar.gz\n`),
  })
  const found = await resolveBinaries(['etcd'], resolution)
  assert.equal(await readFile(found('etcd'), 'utf8'), 'the server')
})

test('a binary whose sum is wrong is refused, and nothing of it stays in the cache', async () => {
  publish(APISERVER, Buffer.from('released'))
  site.set(APISERVER, { body: Buffer.from('replaced') })
  await assert.rejects(
    resolveBinaries(['kube-apiserver'], resolution),
    /kube-apiserver has SHA-256 [0-9a-f]{64} and not [0-9a-f]{64}/,
  )
  assert.deepEqual(await stored('kubernetes'), [])
})

test('a binary that ends too early is refused, and nothing of it stays in the cache', async () => {
  publish(APISERVER, Buffer.alloc(100_000, 'x'))
  site.set(APISERVER, { body: Buffer.alloc(100_000, 'x'), cutAt: 50_000 })
  await assert.rejects(
    resolveBinaries(['kube-apiserver'], resolution),
    /not downloaded: terminated: other side closed/,
  )
  assert.deepEqual(await stored('kubernetes'), [])
})

test('a binary without a published sum is refused', async () => {
  site.set(APISERVER, { body: Buffer.from('released') })
  await assert.rejects(resolveBinaries(['kube-apiserver'], resolution), /kube-apiserver\.sha256 answers 404/)
  assert.deepEqual(await stored('kubernetes'), [])
})

test('a platform without releases is refused at once, with the sources that were tried', async () => {
  await assert.rejects(
    resolveBinaries(['etcd'], { ...resolution, platform: { os: 'linux', arch: 'riscv64' } }),
    /cannot get etcd\n {2}not in the folders .*\n {2}not downloaded: no release is known for linux\/riscv64\n {2}not built: Go is not installed/,
  )
})

test('a program that its project releases only as an image is built, or refused with the reason', async () => {
  await assert.rejects(
    resolveBinaries(['cert-manager-controller'], resolution),
    /not downloaded: cert-manager releases images, not programs\n {2}not built: Go is not installed/,
  )
  await go('echo built > "$5/cert-manager-controller"')
  const found = await resolveBinaries(['cert-manager-controller'], resolution)
  assert.equal(await readFile(found('cert-manager-controller'), 'utf8'), 'built\n')
})

test('two processes that miss the same program do the work once', async () => {
  await go('echo "$@" >> "$(dirname "$0")/calls"; sleep 0.3; echo built > "$5/kubectl"')
  const [one, other] = await Promise.all([
    resolveBinaries(['kubectl'], resolution),
    resolveBinaries(['kubectl'], resolution),
  ])
  assert.equal(one('kubectl'), other('kubectl'))
  const calls = (await readFile(join(home, 'path', 'calls'), 'utf8')).trim().split('\n')
  assert.equal(calls.length, 1)
})

test('the minor that the environment names is built from its own module, into its own folder', async () => {
  await go('pwd > "$5/kube-apiserver"; echo "$@" >> "$(dirname "$0")/calls"')
  const environment = { ...resolution.environment, [MINOR_VARIABLE]: '1.35' }
  const found = await resolveBinaries(['kube-apiserver'], { ...resolution, environment })
  const folder = join('kubelet-csr-gate', 'binaries', `${KUBERNETES['1.35']}-linux-amd64`)
  assert.equal(found('kube-apiserver'), join(home, folder, 'kube-apiserver'))
  assert.match(await readFile(found('kube-apiserver'), 'utf8'), /\/toolchain\/kubernetes-1\.35\n$/)
  assert.match(await readFile(join(home, 'path', 'calls'), 'utf8'), /gitVersion=v1\.35\.4 .*gitMinor=35 /)
})

test('the minor that the environment names is downloaded where there is no Go', async () => {
  publish(APISERVER.replace(VERSION, KUBERNETES['1.30']), Buffer.from('1.30 as released'))
  const environment = { ...resolution.environment, [MINOR_VARIABLE]: '1.30' }
  const found = await resolveBinaries(['kube-apiserver'], { ...resolution, environment })
  assert.equal(await readFile(found('kube-apiserver'), 'utf8'), '1.30 as released')
})

test('a minor that is not supported is refused, with the supported ones', async () => {
  const environment = { ...resolution.environment, [MINOR_VARIABLE]: '1.29' }
  await assert.rejects(
    resolveBinaries(['kube-apiserver'], { ...resolution, environment }),
    /^Error: KUBELET_CSR_GATE_KUBERNETES is one of 1\.30, .*, 1\.37, not 1\.29$/,
  )
})

test('Helm 3 is downloaded under its own name, beside Helm 4', async () => {
  const version = versionOf('helm3', {})
  const archive = await archiveOf({ 'linux-amd64/helm': 'the older' })
  const file = `/get.helm.sh/helm-${version}-linux-amd64.tar.gz`
  const sum = createHash('sha256').update(archive).digest('hex')
  site.set(file, { body: archive })
  site.set(`${file}.sha256sum`, { body: Buffer.from(`${sum}  helm-${version}-linux-amd64.tar.gz\n`) })
  const found = await resolveBinaries(['helm3'], resolution)
  assert.match(found('helm3'), /\/helm3-v3\.\d+\.\d+-linux-amd64\/helm3$/)
  assert.equal(await readFile(found('helm3'), 'utf8'), 'the older')
})

async function program(path: string): Promise<string> {
  const whole = join(home, path)
  await mkdir(join(whole, '..'), { recursive: true })
  await writeFile(whole, '#!/bin/sh\n')
  await chmod(whole, 0o755)
  return whole
}

/** A stand-in for the Go command whose `build` runs this; `$5` is the output folder. */
async function go(build: string): Promise<void> {
  const path = await program('path/go')
  const search = `PATH=${process.env['PATH']}`
  await writeFile(path, `#!/bin/sh\n${search}\n[ "$1" = version ] && exit 0\n${build}\n`)
}

function publish(path: string, body: Buffer): void {
  site.set(path, { body })
  site.set(`${path}.sha256`, { body: Buffer.from(createHash('sha256').update(body).digest('hex')) })
}

async function stored(origin: 'kubernetes' | 'etcd'): Promise<string[]> {
  const version = origin === 'etcd' ? `etcd-${ETCD_VERSION}` : VERSION
  return (await readdir(join(home, 'kubelet-csr-gate', 'binaries', `${version}-linux-amd64`))).sort()
}

async function archiveOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const entries = Object.entries(files).map(([name, text]) => ({ name, content: Buffer.from(text) }))
  return gzipSync(await writeTar(entries))
}

/** A file server on loopback; `cutAt` ends the connection after so many bytes of the promised length. */
async function serve(): Promise<string> {
  const server = createServer((request, response) => {
    const file = site.get(request.url ?? '')
    if (file === undefined) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-length': file.body.length })
    if (file.cutAt === undefined) response.end(file.body)
    else response.write(file.body.subarray(0, file.cutAt), () => response.destroy())
  })
  close = () => {
    server.closeAllConnections()
    server.close()
  }
  return await listen(server)
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  assert.ok(bound !== null && typeof bound === 'object')
  return `http://127.0.0.1:${bound.port}`
}
