import { stringify } from 'yaml'
import type { Architecture } from '../image/packages.ts'

/** The archive of one architecture, as it is published. */
export interface PublishedArchive {
  readonly architecture: Architecture
  readonly url: string
  /** In hex. */
  readonly sha256: string
}

/** The manifest by which krew installs the plugin: https://krew.sigs.k8s.io/docs/developer-guide/plugin-manifest/ */
export function krewManifest(
  { version, repository }: { readonly version: string; readonly repository: string },
  archives: readonly PublishedArchive[],
): string {
  return stringify(
    {
      apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
      kind: 'Plugin',
      metadata: { name: 'csr-gate' },
      spec: {
        version: `v${version}`,
        homepage: `https://github.com/${repository}`,
        shortDescription: 'Find why kubelets lack serving certificates',
        description: DESCRIPTION,
        platforms: archives.map(({ architecture, url, sha256 }) => ({
          selector: { matchLabels: { os: 'linux', arch: architecture } },
          uri: url,
          sha256,
          bin: 'kubelet-csr-gate',
        })),
      },
    },
    { lineWidth: 0 },
  )
}

const DESCRIPTION = `Shows for each node whether it asked for a serving certificate, was approved, got the
certificate and serves it; explains every check of a CSR, and reports the fleet as one
HTML page. Works with or without kubelet-csr-gate in the cluster.
`
