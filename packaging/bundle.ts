import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const BUNDLE_NAME = 'kubelet-csr-gate.mjs'

/** Fails the test when an import brings in the 2,700 generated models of \@kubernetes/client-node (60 MB on disk). */
export const BUNDLE_BUDGET_BYTES = 4 * 1024 * 1024

/**
 * KubeConfig needs two functions of the generated client, and imports them from an index of all models. esbuild does not
 * remove unused exports behind `import()`, which is how `serve` is loaded, so the index is replaced by the two functions.
 * It opens connections of its own with undici, and we open ours with node:https. undici would be a third of the bundle, and
 * 16 MiB of memory at run time, most of it to compile WebAssembly.
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
    bundling.onResolve({ filter: /^undici$/ }, ({ resolveDir }) => ({ path: join(resolveDir, 'undici') }))
    bundling.onLoad({ filter: /\/undici$/ }, () => ({ contents: UNDICI, loader: 'js' }))
  },
}

/**
 * An `import` of node:http reads all that it exports, and so loads Node's own undici, WebSocket and web streams: 3 MiB of
 * the controller's working set. `require` does not. Fastify requires node:http2 for servers that we do not open.
 */
const cutHttp: Plugin = {
  name: 'cut-http',
  setup(bundling) {
    bundling.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'node:http', namespace: 'required' } : undefined,
    )
    bundling.onResolve({ filter: /^node:http2$/ }, ({ path }) => ({ path, namespace: 'cut' }))
    bundling.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require('${path}')`,
    }))
    bundling.onLoad({ filter: /./, namespace: 'cut' }, () => ({ contents: 'module.exports = {}' }))
  },
}

const UNDICI = `
function notBundled() { throw new Error('undici is not in the bundle') }
export { notBundled as Agent, notBundled as ProxyAgent, notBundled as fetch }
`

/** Fastify, pino and node-forge are CommonJS and `require` modules of Node. */
const REQUIRE_BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"

/** An ES module for Node, or CommonJS: the only format that a single executable runs. */
type Format = 'esm' | 'cjs'

function options(root: string, format: Format): BuildOptions & { metafile: true; write: false } {
  return {
    absWorkingDir: root,
    entryPoints: { [BUNDLE_NAME.replace(/\.mjs$/, '')]: 'cli/main.ts' },
    outdir: 'dist',
    outExtension: { '.js': format === 'esm' ? '.mjs' : '.cjs' },
    bundle: true,
    // the bundle contains the paths of modules: without resolving links they are the same everywhere
    preserveSymlinks: true,
    platform: 'node',
    format,
    target: 'node24',
    // V8 keeps ASCII text in one byte a character. `charset` leaves comments as they are, and one has a copyright sign;
    // the licenses are in THIRD_PARTY_LICENSES.md
    charset: 'ascii',
    legalComments: 'none',
    // a third less to read at start; names stay, for stack traces
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'warning',
    banner: format === 'esm' ? { js: REQUIRE_BANNER } : {},
    // CommonJS has no import.meta
    logOverride: { 'empty-import-meta': 'error' },
    plugins: [cutKubernetesClient, cutHttp],
    metafile: true,
    write: false,
  }
}

export interface Bundle {
  readonly code: Uint8Array
  /** Every module in the bundle, for the budget test and the SBOM. */
  readonly metafile: Metafile
}

/** Bundles `cli/main.ts` of the project at `root`. The same sources give the same bytes in any folder. */
export async function bundle(root: string, format: Format = 'esm'): Promise<Bundle> {
  const { outputFiles, metafile } = await build(options(root, format))
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
