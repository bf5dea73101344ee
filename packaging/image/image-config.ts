import project from '../../package.json' with { type: 'json' }

/** Files, user and command of the image archive. A test compares the Dockerfile with it. */
export const IMAGE = {
  node: '/usr/local/bin/node',
  program: '/app/kubelet-csr-gate.mjs',
  license: '/app/LICENSE',
  /** Most licenses of the packages in the program require their text with every copy. */
  thirdPartyLicenses: '/app/THIRD_PARTY_LICENSES.md',
  nodeLicense: '/usr/local/share/doc/node/LICENSE',
  /** `nonroot` of distroless images; numeric, so that the kubelet can verify runAsNonRoot. */
  user: '65532:65532',
  workingDirectory: '/app',
  command: ['serve'],
} as const

/**
 * Two thirds of the container's memory limit are for old objects; code, TLS buffers and young objects take some 35 MiB. Half was
 * used up by 15,000 Nodes and CSRs with 5,000 that are pending. Memory is
 * used all the time, CPU time only when nodes ask: a semi-space of 4 MiB instead of 16, and code that is optimized for size,
 * take some 10 MiB less after 1,000 CSRs, and a fifth more CPU time for each. Old objects are collected when they have grown by
 * 30 %: by default, a heap that is optimized for size is collected every 0.4 s while a large cluster is read. One thread empties
 * the semi-space, since each thread would have pages of its own. A function is compiled by Maglev after 1,600 calls instead of
 * 400: of a burst of 1,000 CSRs, that leaves 6 MiB less of code and compiler memory, and costs no CPU time.
 */
const MEMORY = [
  '--max-old-space-size-percentage=66',
  '--max-semi-space-size=4',
  '--no-parallel-scavenge',
  '--optimize-for-size',
  '--heap-growing-percent=30',
  '--invocation-count-for-maglev=1600',
] as const

/**
 * One arena of malloc for all threads: the others hold some 4 MiB that nobody uses. Blocks of 32 KiB and more, and 128 KiB at the
 * end, go back to the system when they are free: 4 MiB less idle, and 7 MiB less after 1,000 CSRs.
 */
export const ENVIRONMENT = [
  'NODE_ENV=production',
  'MALLOC_ARENA_MAX=1',
  'MALLOC_MMAP_THRESHOLD_=32768',
  'MALLOC_TRIM_THRESHOLD_=131072',
] as const

export const ENTRYPOINT = [IMAGE.node, ...MEMORY, IMAGE.program] as const

export const LABELS = {
  'org.opencontainers.image.title': 'kubelet-csr-gate',
  'org.opencontainers.image.description': project.description,
  'org.opencontainers.image.licenses': 'Apache-2.0',
} as const
