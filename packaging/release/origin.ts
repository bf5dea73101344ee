import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Release } from './changelog.ts'
import type { Origin } from './provenance.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What git says of the sources. */
export interface Checkout {
  readonly commit: string
  /** Seconds since the epoch. */
  readonly committed: number
  /** Paths that differ from the commit. */
  readonly changed: readonly string[]
}

const run = promisify(execFile)

export async function checkout(root: string): Promise<Checkout> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', ['--no-optional-locks', ...args], { cwd: root })).stdout.trimEnd()
  const [commit = '', committed = ''] = (await git('log', '-1', '--format=%H %ct')).split(' ')
  const status = await git('status', '--porcelain')
  const changed = status === '' ? [] : status.split('\n').map((line) => line.slice(3))
  return { commit, committed: Number(committed), changed }
}

/** GitHub's variables where they are set; nothing here is believed without the workflow's signature around it. */
export function originOf({ commit }: Checkout, environment: Environment): Origin {
  const server = environment['GITHUB_SERVER_URL']
  const repository = environment['GITHUB_REPOSITORY']
  const workflow = environment['GITHUB_WORKFLOW_REF']
  if (server === undefined || repository === undefined || workflow === undefined)
    return { source: 'urn:kubelet-csr-gate:source', commit, builder: 'urn:kubelet-csr-gate:builder:local' }
  return { source: `git+${server}/${repository}`, commit, builder: `${server}/${workflow}` }
}

export interface Asked {
  readonly version: string
  readonly registry: string | null
  readonly newest: Release
  readonly checkout: Checkout
  readonly environment: Environment
}

/** Why this may not be published, all reasons at once; a dry run tells them and goes on. */
export function reasonsNotToPublish(asked: Asked): readonly string[] {
  const { version, registry, newest, environment } = asked
  const tag = environment['GITHUB_REF_TYPE'] === 'tag' ? environment['GITHUB_REF_NAME'] : undefined
  const reasons = [
    [environment['CI'] !== 'true', 'this is not CI: releases come from .github/workflows/release.yml'],
    [tag !== `v${version}`, `the tag is ${tag ?? 'missing'}, not v${version}`],
    [newest.date === null, `CHANGELOG.md calls ${newest.version} unreleased`],
    [registry === null, 'no --registry to publish to'],
    [asked.checkout.changed.length > 0, `differs from the commit: ${someOf(asked.checkout.changed)}`],
  ] as const
  return reasons.flatMap(([isSo, reason]) => (isSo ? [reason] : []))
}

function someOf(paths: readonly string[]): string {
  const rest = paths.length - 3
  return paths.slice(0, 3).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
