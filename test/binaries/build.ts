import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { attempt } from '../kit/child.ts'
import type { Program } from './programs.ts'
import type { Resolution } from './resolution.ts'
import { type Environment, moduleOf, type Origin, versionOf } from './versions.ts'

export type Obtained = { readonly ok: true } | { readonly ok: false; readonly because: string }

const TOOLCHAIN = join(import.meta.dirname, 'toolchain')

/** Cold, on 2 cores. */
const MINUTES = {
  kubernetes: 5,
  etcd: 1,
  helm: 2,
  helm3: 2,
  'cert-manager': 2,
  'kubelet-csr-approver': 2,
} as const

const BUILD_MS = 25 * 60_000

/** Builds programs of one origin from the pinned modules and moves them, whole, into `folder`. */
export async function build(
  origin: Origin,
  programs: readonly Program[],
  folder: string,
  { environment, platform, print }: Resolution,
): Promise<Obtained> {
  const version = await go(['version'], TOOLCHAIN, environment)
  if (!version.ok) return { ok: false, because: 'Go is not installed' }
  if (platform.os !== process.platform)
    return { ok: false, because: `built programs run on ${process.platform}` }
  const pinned = versionOf(origin, environment)
  const names = programs.join(', ')
  print(`${names}: building ${origin} ${pinned} from Go modules: about ${MINUTES[origin]} min, once`)
  const started = performance.now()
  const seconds = () => Math.round((performance.now() - started) / 1000)
  const heartbeat = setInterval(() => print(`still building, ${seconds()} s`), 20_000)
  const output = await mkdtemp(join(folder, '.build-'))
  try {
    const module = join(TOOLCHAIN, moduleOf(origin, environment))
    const built = await go(commandLine(origin, programs, output, pinned), module, environment)
    if (!built.ok) return { ok: false, because: `go build failed: ${built.because}` }
    for (const program of programs) {
      await chmod(join(output, program), 0o755)
      await rename(join(output, program), join(folder, program))
    }
    print(`${names}: built in ${seconds()} s`)
    return { ok: true }
  } finally {
    clearInterval(heartbeat)
    await rm(output, { recursive: true, force: true })
  }
}

const PACKAGES = {
  helm: 'helm.sh/helm/v4/cmd/helm',
  helm3: 'helm.sh/helm/v3/cmd/helm',
  etcd: '.',
  'kubelet-csr-approver': 'github.com/postfinance/kubelet-csr-approver/cmd/kubelet-csr-approver',
} as const

/** One command for all programs, so that what they share is compiled once. */
function commandLine(origin: Origin, programs: readonly Program[], output: string, pinned: string): string[] {
  const strip = '-s -w'
  if (origin === 'cert-manager')
    return ['build', '-ldflags', strip, '-o', `${output}/`, ...programs.map((program) => `./${program}`)]
  if (origin !== 'kubernetes')
    return ['build', '-ldflags', strip, '-o', join(output, origin), PACKAGES[origin]]
  const [major, minor] = pinned.slice(1).split('.')
  const set = (name: string, value: string | undefined) => `-X k8s.io/component-base/version.${name}=${value}`
  const flags = [strip, set('gitVersion', pinned), set('gitMajor', major), set('gitMinor', minor)].join(' ')
  const packages = programs.map((program) => `k8s.io/kubernetes/cmd/${program}`)
  return ['build', '-ldflags', flags, '-o', `${output}/`, ...packages]
}

async function go(args: readonly string[], cwd: string, environment: Environment): Promise<Obtained> {
  const { code, stderr } = await attempt(['go', ...args], {
    cwd,
    // Switching cgo rebuilds everything, so it is off from the start; the programs are static, too.
    env: { ...environment, CGO_ENABLED: '0' },
    timeoutMs: BUILD_MS,
  })
  return code === 0
    ? { ok: true }
    : { ok: false, because: stderr.trim().slice(-2_000) || `ended with ${code}` }
}
