import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const BUNDLE_NAME = 'kubelet-csr-gate.mjs'

/**
 * The whole product as one file. The budget is what keeps the 2,700 generated models of
 * \@kubernetes/client-node (some 60 MB on disk) from coming back unnoticed through one careless import.
 */
export const BUNDLE_BUDGET_BYTES = 4 * 1024 * 1024

/**
 * KubeConfig needs two functions of the generated client, but imports them through an index of everything. esbuild
 * cannot shake what is only reached by `import()`, as all of `serve` is, so the index is cut down to the two.
 */
const cutKubernetesClient: Plugin = {
  name: 'cut-kubernetes-client',
  setup(bundling) {
    bundling.onLoad({ filter: /\/@kubernetes\/client-node\/dist\/gen\/index\.js$/ }, () => ({
      contents: [
        "export { createConfiguration } from './configuration.js'",
        "export { ServerConfiguration } from './servers.js'",
      ].join('\n'),
      loader: 'js',
    }))
  },
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
    // paths of modules are part of the bundle: as they are seen here, not where a link leads
    preserveSymlinks: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    charset: 'utf8',
    legalComments: 'eof',
    // a third less to read at start; names stay, so that a stack trace means something
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'warning',
    banner: { js: REQUIRE_BANNER },
    plugins: [cutKubernetesClient],
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
