import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the sources are and who builds; see docs/releasing.md for what `buildType` stands for. */
export interface Origin {
  /** `git+https://…`, or a URN when built by hand. */
  readonly source: string
  /** 40 hex digits. */
  readonly commit: string
  /** Who is answerable for what is said here: the workflow's URL, or a URN when built by hand. */
  readonly builder: string
}

export interface Subject {
  readonly name: string
  /** SHA-256 in hex. */
  readonly sha256: string
}

export interface Build {
  readonly version: string
  readonly registry: string | null
  /** Seconds since the epoch: the date in every archive. */
  readonly date: number
  readonly origin: Origin
}

const BUILD_TYPE = 'urn:kubelet-csr-gate:build-type:release:v1'

/** Each names everything of its kind by version and digest, the tools of the build too. */
const LOCKS = [
  'package-lock.json',
  'packaging/image/packages.lock.json',
  'packaging/image/node.lock.json',
  'test/binaries/toolchain/helm/go.sum',
]

/**
 * An unsigned in-toto Statement v1 with an SLSA Provenance v1 predicate (https://slsa.dev/spec/v1.0/provenance).
 * It holds no time of its own, so that a rebuild gives the same bytes.
 */
export async function provenance(
  root: string,
  subjects: readonly Subject[],
  { version, registry, date, origin }: Build,
): Promise<string> {
  const locks = await Promise.all(
    LOCKS.map(async (name) => ({ name, digest: { sha256: sha256(await readFile(join(root, name))) } })),
  )
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map((subject) => ({ name: subject.name, digest: { sha256: subject.sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { version, registry },
        internalParameters: { SOURCE_DATE_EPOCH: date, node: process.version },
        resolvedDependencies: [{ uri: origin.source, digest: { gitCommit: origin.commit } }, ...locks],
      },
      runDetails: { builder: { id: origin.builder } },
    },
  }
  return `${JSON.stringify(statement, null, 2)}\n`
}

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex')
}
