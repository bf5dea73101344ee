import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')

/** What each folder may import besides itself. `server` stands for {@link shared}, `wiring` for what else is right in it. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  policies: [],
  server: ['policies'],
  'server/der': ['policies'],
  'server/facts': ['policies', 'server', 'server/der'],
  'server/report': ['policies', 'server'],
  'server/policy': ['policies', 'server'],
  'server/tls': ['policies', 'server', 'server/der'],
  'server/kube': ['policies', 'server', 'server/facts'],
  'server/admission': ['policies', 'server', 'server/facts', 'server/report'],
  'server/controller': ['policies', 'server', 'server/facts', 'server/kube', 'server/report'],
  cli: [
    'policies',
    'server',
    'server/der',
    'server/facts',
    'server/kube',
    'server/policy',
    'server/report',
    'server/tls',
    'wiring',
  ],
}

/** Files right in server/ that everybody may use. The others put parts together, and import any but the command line. */
const shared = ['ports', 'options', 'backoff', 'read-text', 'watch-files', 'json'].map(
  (name) => `server/${name}.ts`,
)

/** The folders that may know a package. */
const knownTo: Readonly<Record<string, readonly string[]>> = {
  undici: ['server/kube'],
  '@kubernetes/client-node': ['server/kube'],
  'node-forge': ['server/der'],
  fastify: ['server/admission'],
  'prom-client': ['server/report'],
  re2js: ['policies'],
  yaml: ['server/policy', 'server/facts'],
  ajv: ['server/policy'],
  typebox: ['server/policy'],
  commander: ['cli'],
  pino: ['cli'],
}

interface Import {
  readonly from: string
  readonly to: string
}

const isSource = (path: string): boolean =>
  path.endsWith('.ts') && !/\.(test|fixture)\.ts$|\.d\.ts$/u.test(path)

function importsUnder(folder: string): Import[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll(sep, '/'))
    .filter(isSource)
    .flatMap((from) => specifiersOf(from).map((to) => ({ from, to })))
}

function specifiersOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found = text.matchAll(/(?:^|\s)(?:from|import)\s*\(?\s*'([^']+)'/gu)
  return [...found].flatMap(([, specifier]) => {
    if (specifier === undefined || specifier.startsWith('node:')) return []
    if (!specifier.startsWith('.')) return [specifier]
    return [relative(root, join(root, dirname(file), specifier)).replaceAll(sep, '/')]
  })
}

/** The folder whose rules a file of ours is under. */
function layerOf(file: string): string {
  const [top = '', second = ''] = file.split('/')
  if (top !== 'server' || shared.includes(file)) return top
  return second.endsWith('.ts') ? 'wiring' : `server/${second}`
}

const imports = ['policies', 'server', 'cli'].flatMap(importsUnder)
const isOurs = (path: string): boolean => /^(policies|server|cli)\//u.test(path)

test('the imports are found', () => {
  assert.ok(imports.length > 200, `only ${imports.length}`)
})

test('imports point one way: policies, facts, then admission and controller, then the wiring, then the command line', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [layer, target] = [layerOf(from), layerOf(to)]
    if (!isOurs(to) || layer === target) return false
    if (layer === 'wiring') return target === 'cli'
    return !(mayImport[layer] ?? []).includes(target)
  })
  assert.deepEqual(wrong, [])
})

test('each package is known only where it is needed', () => {
  const packageOf = (specifier: string): string =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')
  const outside = imports.filter(({ to }) => !isOurs(to) && to !== 'package.json')
  const wrong = outside.filter(({ from, to }) => !(knownTo[packageOf(to)] ?? []).includes(layerOf(from)))
  assert.deepEqual(wrong, [])
})
