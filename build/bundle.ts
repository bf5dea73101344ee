import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const BUNDLE_NAME = 'kubelet-csr-gate.mjs'

/**
 * The whole product as one file. The budget is what keeps the 2,700 generated models of
 * \@kubernetes/client-node (some 60 MB on disk) from coming back unnoticed through one careless import.
 */
export const BUNDLE_BUDGET_BYTES = 4 * 1024 * 1024

/** Lets esbuild drop what nobody imports: the package says nothing of side effects, and has none that we use. */
const shakeKubernetesClient: Plugin = {
  name: 'shake-kubernetes-client',
  setup(bundling) {
    const ours = Symbol('already resolved')
    bundling.onResolve({ filter: /.*/ }, async (args) => {
      const concerns = args.path.startsWith('@kubernetes/client-node') || isKubernetesClient(args.importer)
      if (!concerns || args.pluginData === ours) return null
      const { path, kind, importer, resolveDir } = args
      const resolved = await bundling.resolve(path, { kind, importer, resolveDir, pluginData: ours })
      return isKubernetesClient(resolved.path) ? { ...resolved, sideEffects: false } : resolved
    })
  },
}

function isKubernetesClient(path: string): boolean {
  return path.includes('/node_modules/@kubernetes/client-node/')
}

/** Fastify, pino and node-forge are CommonJS and `require` what Node brings along. */
const REQUIRE_BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

function options(root: string): BuildOptions & { metafile: true; write: false } {
  return {
    absWorkingDir: root,
    entryPoints: { [BUNDLE_NAME.replace(/\.mjs$/, '')]: 'cli/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    charset: 'utf8',
    legalComments: 'eof',
    logLevel: 'warning',
    banner: { js: REQUIRE_BANNER },
    plugins: [shakeKubernetesClient],
    metafile: true,
    write: false,
  }
}

export interface Bundle {
  readonly code: Uint8Array
  /** What went in, module by module: the ground for the budget test and, later, the SBOM. */
  readonly metafile: Metafile
}

/** Bundles `cli/main.ts` of the project at `root`. The same sources give the same bytes, wherever they lie. */
export async function bundle(root: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build(options(root))
  const [output] = outputFiles
  if (output === undefined || outputFiles.length !== 1)
    throw new Error(`expected one bundled file, got ${outputFiles.length}`)
  return { code: output.contents, metafile }
}

/** Writes the bundle and its metafile into `dist/`. */
export async function writeBundle(root: string): Promise<Bundle> {
  const made = await bundle(root)
  const dist = join(root, 'dist')
  await mkdir(dist, { recursive: true })
  await writeFile(join(dist, BUNDLE_NAME), made.code, { mode: 0o755 })
  await writeFile(join(dist, 'meta.json'), JSON.stringify(made.metafile))
  return made
}
