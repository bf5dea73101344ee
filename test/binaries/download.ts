/**
 * Released programs from their official hosts, or from a mirror that holds `<host>/<path>` below one URL
 * (`KUBELET_CSR_GATE_DOWNLOAD`). Nothing lands in the cache unless it is whole and its SHA-256 is right.
 *
 * The tests run this against a local file server. The official hosts themselves were out of reach where it was
 * written: their paths follow the projects' documentation.
 */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { chmod, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gunzipSync } from 'node:zlib'
import type { Obtained } from './build.ts'
import { fileInTar } from '../kit/tar.ts'
import type { Platform, Program } from './programs.ts'
import type { Resolution } from './resolution.ts'
import { type Environment, type Origin, versionOf } from './versions.ts'

/** Where a program is, where its sum is, and what of it is wanted. */
interface Release {
  readonly file: string
  readonly sums: string
  /** The program's path inside a .tar.gz, null when the file is the program. */
  readonly member: string | null
}

/** The largest, kube-apiserver, is 106 MB without debug information. */
const MAX_BYTES = 300 * 1024 * 1024
const MAX_SUMS_BYTES = 64 * 1024
const DOWNLOAD_MS = 15 * 60_000

const PLATFORMS = ['linux/amd64', 'linux/arm64']

export async function download(
  origin: Origin,
  programs: readonly Program[],
  folder: string,
  resolution: Resolution,
): Promise<Obtained> {
  const { os, arch } = resolution.platform
  if (!PLATFORMS.includes(`${os}/${arch}`))
    return { ok: false, because: `no release is known for ${os}/${arch}` }
  if (origin === 'cert-manager' || origin === 'kubelet-csr-approver')
    return { ok: false, because: `${origin} releases images, not programs` }
  resolution.print(`${programs.join(', ')}: downloading; about a minute`)
  const temporary = await mkdtemp(join(folder, '.download-'))
  try {
    for (const program of programs) {
      const path = await fetchProgram(origin, program, temporary, resolution)
      await chmod(path, 0o755)
      await rename(path, join(folder, program))
    }
    return { ok: true }
  } catch (error) {
    return { ok: false, because: reasons(error) }
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Downloads, verifies and unpacks one program into `folder`; returns its path there. */
async function fetchProgram(origin: Origin, program: Program, folder: string, resolution: Resolution) {
  const { environment, platform, sums, print } = resolution
  const release = releaseOf(origin, program, versionOf(origin, environment), platform)
  const url = (location: string) => address(location, environment)
  const path = join(folder, program)
  const pinned = sums[release.file]
  const expected = pinned ?? (await publishedSum(url(release.sums), release.file, resolution))
  print(
    `${program}: downloading ${url(release.file)}, with the sum ${pinned ? 'that this repository pins' : 'that lies beside the file'}`,
  )
  const actual = await save(await open(url(release.file), resolution), path)
  if (actual !== expected) throw new Error(`${url(release.file)} has SHA-256 ${actual} and not ${expected}`)
  if (release.member !== null) {
    const archive = gunzipSync(await readFile(path), { maxOutputLength: MAX_BYTES })
    const content = await fileInTar(archive, release.member)
    if (content === undefined) throw new Error(`${url(release.file)} has no ${release.member}`)
    await writeFile(path, content)
  }
  return path
}

function releaseOf(origin: Origin, program: Program, version: string, { os, arch }: Platform): Release {
  if (origin === 'etcd') {
    const name = `etcd-${version}-${os}-${arch}`
    const folder = `https://github.com/etcd-io/etcd/releases/download/${version}`
    return { file: `${folder}/${name}.tar.gz`, sums: `${folder}/SHA256SUMS`, member: `${name}/etcd` }
  }
  if (origin === 'helm' || origin === 'helm3') {
    const file = `https://get.helm.sh/helm-${version}-${os}-${arch}.tar.gz`
    return { file, sums: `${file}.sha256sum`, member: `${os}-${arch}/helm` }
  }
  const file = `https://dl.k8s.io/${version}/bin/${os}/${arch}/${program}`
  return { file, sums: `${file}.sha256`, member: null }
}

/** `https://dl.k8s.io/x`, or `<mirror>/dl.k8s.io/x`. */
function address(official: string, environment: Environment): string {
  const mirror = environment['KUBELET_CSR_GATE_DOWNLOAD']
  return mirror ? official.replace('https:/', mirror.replace(/\/+$/, '')) : official
}

/** A file of one bare sum (Kubernetes), or of lines `<sum>  <file>` (etcd, helm). */
async function publishedSum(url: string, file: string, resolution: Resolution): Promise<string> {
  const text = (await (await open(url, resolution)).text()).slice(0, MAX_SUMS_BYTES)
  const name = file.slice(file.lastIndexOf('/') + 1)
  for (const line of text.split('\n')) {
    const [sum = '', of = name] = line.trim().split(/\s+\*?/)
    if (/^[0-9a-f]{64}$/.test(sum) && of === name) return sum
  }
  throw new Error(`${url} has no SHA-256 of ${name}`)
}

/** An answer that has begun, in time. */
async function open(url: string, { beginMs }: Resolution): Promise<Response> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${beginMs / 1000} s`)), beginMs)
  const signal = AbortSignal.any([late.signal, AbortSignal.timeout(DOWNLOAD_MS)])
  const response = await fetch(url, { signal })
    .catch((cause: unknown) => {
      throw new Error(url, { cause })
    })
    .finally(() => clearTimeout(timer))
  if (!response.ok) throw new Error(`${url} answers ${response.status}`)
  return response
}

/** Streams an answer into a file and returns the SHA-256 of what arrived. */
async function save({ body, url }: Response, path: string): Promise<string> {
  if (body === null) throw new Error(`${url} is empty`)
  const hash = createHash('sha256')
  let bytes = 0
  const measured = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
      if (bytes > MAX_BYTES) throw new Error(`${url} is larger than ${MAX_BYTES} bytes`)
      yield chunk
    }
  }
  await pipeline(Readable.fromWeb(body), measured, createWriteStream(path))
  return hash.digest('hex')
}

/** fetch says only `fetch failed` and `terminated`; what happened is in the causes. */
function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${reasons(error.cause)}`
}
