/** How the container starts and as whom: the one source for the image archive; a test holds the Dockerfile to it. */
export const IMAGE = {
  node: '/usr/local/bin/node',
  program: '/app/kubelet-csr-gate.mjs',
  license: '/app/LICENSE',
  /** Of the packages in the program: most of their licenses ask for the text beside every copy. */
  thirdPartyLicenses: '/app/THIRD_PARTY_LICENSES.md',
  nodeLicense: '/usr/local/share/doc/node/LICENSE',
  /** `nonroot` of distroless images; numeric, so that the kubelet can verify runAsNonRoot. */
  user: '65532:65532',
  workingDirectory: '/app',
  command: ['serve'],
} as const

/**
 * Component of the container's memory limit for old objects; the rest is code, TLS buffers and young objects. Those get
 * 8 MiB a semi-space instead of 16: 2 cost a tenth more of CPU for each CSR and save 10 MiB after 1,000 of them.
 */
const MEMORY = ['--max-old-space-size-percentage=50', '--max-semi-space-size=8'] as const

export const ENTRYPOINT = [IMAGE.node, ...MEMORY, IMAGE.program] as const

export const LABELS = {
  'org.opencontainers.image.title': 'kubelet-csr-gate',
  'org.opencontainers.image.description':
    'Approves the serving certificates of kubelets, and refuses what a node has no right to ask for',
  'org.opencontainers.image.licenses': 'Apache-2.0',
} as const
