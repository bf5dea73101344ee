import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Released } from '../docs/released.ts'
import type { Release } from './changelog.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What git says of the sources. */
export interface Checkout {
  /** Date of the commit, seconds since the epoch. */
  readonly committed: number
  /** Paths that differ from the commit. */
  readonly changed: readonly string[]
}

const run = promisify(execFile)

export async function checkout(root: string): Promise<Checkout> {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', ['--no-optional-locks', ...args], { cwd: root })).stdout.trimEnd()
  const status = await git('status', '--porcelain')
  const changed = status === '' ? [] : status.split('\n').map((line) => line.slice(3))
  return { committed: Number(await git('log', '-1', '--format=%ct')), changed }
}

export interface Asked {
  readonly version: string
  readonly registry: string | null
  readonly repository: string | null
  /** Where the pages install from. */
  readonly released: Released | null
  readonly newest: Release
  readonly checkout: Checkout
  readonly environment: Environment
}

/** All reasons why this may not be published. A dry run prints them and continues. */
export function reasonsNotToPublish(asked: Asked): readonly string[] {
  const { version, registry, repository, released, newest, environment } = asked
  const tag = environment['GITHUB_REF_TYPE'] === 'tag' ? environment['GITHUB_REF_NAME'] : undefined
  const reasons = [
    [environment['CI'] !== 'true', 'this is not CI: releases come from .github/workflows/release.yml'],
    [tag !== `v${version}`, `the tag is ${tag ?? 'missing'}, not v${version}`],
    [newest.version !== version, `CHANGELOG.md is headed ${newest.version}, package.json says ${version}`],
    [newest.date === null, `CHANGELOG.md calls ${newest.version} unreleased`],
    [registry === null, 'no --registry to publish to'],
    [repository === null, 'no --repository for the npm package and krew'],
    [
      released?.registry !== registry || released?.repository !== repository,
      'packaging/docs/released.ts does not name this registry and repository: pages would install from elsewhere',
    ],
    [asked.checkout.changed.length > 0, `differs from the commit: ${someOf(asked.checkout.changed)}`],
  ] as const
  return reasons.flatMap(([applies, reason]) => (applies ? [reason] : []))
}

function someOf(paths: readonly string[]): string {
  const rest = paths.length - 3
  return paths.slice(0, 3).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
