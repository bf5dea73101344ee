import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')

interface Import {
  readonly from: string
  readonly to: string
}

/** Files right in server/ that every part of it may use. `service.ts` puts the parts together, by what the others read. */
const shared = [
  'alt-names',
  'at-most-every',
  'config',
  'connection-limits',
  'files',
  'in-turns',
  'json',
  'json-scan',
  'multimap',
  'certificate-pem',
  'ports',
  'runs',
].map((name) => `server/${name}.ts`)

/** What each part of the product may import besides itself. `server` stands for {@link shared}. */
const product: Readonly<Record<string, readonly string[]>> = {
  policies: [],
  server: ['policies'],
  'server/der': ['policies'],
  'server/pkcs10': ['policies', 'server/der'],
  'server/x509': ['policies', 'server'],
  'server/facts': ['policies', 'server', 'server/kube'],
  'server/dns': ['policies', 'server'],
  'server/ledger': ['policies', 'server', 'server/facts', 'server/kube'],
  'server/health': ['policies', 'server', 'server/facts', 'server/report'],
  'server/report': ['policies', 'server'],
  'server/policy': ['policies', 'server'],
  'server/tls': ['policies', 'server', 'server/der'],
  'server/truth': ['policies', 'server', 'server/facts', 'server/kube', 'server/policy'],
  'server/kube': ['policies', 'server'],
  'server/probe': ['policies', 'server', 'server/tls'],
  'server/admission': ['policies', 'server', 'server/facts', 'server/report', 'server/tls'],
  'server/controller': [
    'policies',
    'server',
    'server/facts',
    'server/kube',
    'server/ledger',
    'server/report',
  ],
  wiring: [
    'policies',
    'server',
    'server/admission',
    'server/controller',
    'server/dns',
    'server/facts',
    'server/health',
    'server/kube',
    'server/ledger',
    'server/pkcs10',
    'server/policy',
    'server/probe',
    'server/report',
    'server/tls',
    'server/truth',
    'server/x509',
  ],
  cli: [
    'policies',
    'server',
    'server/controller',
    'server/der',
    'server/facts',
    'server/kube',
    'server/ledger',
    'server/pkcs10',
    'server/policy',
    'server/probe',
    'server/report',
    'server/tls',
    'wiring',
  ],
}

/** What each wing may import besides itself: packaging and tests import the product, never each other. */
const wings: Readonly<Record<string, readonly string[]>> = {
  product: [],
  charts: ['product'],
  packaging: ['product', 'charts'],
  test: ['product', 'charts'],
}

/** Parts of test/ that stand by themselves: a kubeadm cluster knows nothing of the product. */
const standalone: Readonly<Record<string, readonly string[]>> = {
  'test/kubeadm': ['test/kit', 'test/binaries', 'test/kubeadm'],
}

/** The parts of the product that may know a package. */
const knownTo: Readonly<Record<string, readonly string[]>> = {
  '@kubernetes/client-node': ['server/kube'],
  'node-forge': ['server/der'],
  fastify: ['server/admission'],
  'prom-client': ['server/report'],
  re2js: ['policies'],
  yaml: ['server/policy', 'server/facts', 'cli'],
  ajv: ['server/policy', 'server/truth', 'wiring'],
  typebox: ['policies', 'server', 'server/truth'],
  commander: ['cli'],
  pino: ['cli'],
}

const isTest = (path: string): boolean => /\.(test|proof|fixture)\.ts$/u.test(path)

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll(sep, '/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.includes('node_modules'))
}

function importsOf(from: string): Import[] {
  const text = readFileSync(join(root, from), 'utf8')
  const found = text.matchAll(/(?:^|[\s(])(?:from|import)\s*\(?\s*'([^']+)'/gu)
  return [...found].flatMap(([, specifier]) => {
    if (specifier === undefined) return []
    if (!specifier.startsWith('.')) return [{ from, to: specifier }]
    return [{ from, to: relative(root, join(root, dirname(from), specifier)).replaceAll(sep, '/') }]
  })
}

const files = ['policies', 'server', 'cli', 'charts', 'packaging', 'test'].flatMap(filesUnder)
const imports = files.flatMap(importsOf)
const isNode = (path: string): boolean => path.startsWith('node:')
const isOurs = (path: string): boolean => /^(policies|server|cli|charts|packaging|test)\//u.test(path)

/** The part of the product that a file belongs to. */
function partOf(file: string): string {
  const [top = '', second = ''] = file.split('/')
  if (top !== 'server' || shared.includes(file)) return top
  return second.endsWith('.ts') ? 'wiring' : `server/${second}`
}

function wingOf(file: string): string {
  const [top = ''] = file.split('/')
  return ['policies', 'server', 'cli'].includes(top) ? 'product' : top
}

test('imports of all wings are found', () => {
  for (const wing of ['product', 'charts', 'packaging', 'test'])
    assert.ok(imports.filter(({ from }) => wingOf(from) === wing).length > 3, `none in ${wing}`)
  assert.ok(imports.length > 1_000, `only ${imports.length}`)
})

test('packaging and tests import the product and never each other, and the chart imports nothing', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [own, other] = [wingOf(from), wingOf(to)]
    // Tests beside the product's own files use what all tests share.
    if (isTest(from) && own === 'product' && other === 'test') return false
    return isOurs(to) && own !== other && !(wings[own] ?? []).includes(other)
  })
  assert.deepEqual(wrong, [])
})

test('imports inside the product point one way: policies, facts, admission and controller, wiring, command line', () => {
  const wrong = imports.filter(({ from, to }) => {
    if (wingOf(from) !== 'product' || isTest(from) || wingOf(to) !== 'product') return false
    const [own, other] = [partOf(from), partOf(to)]
    return own !== other && !(product[own] ?? []).includes(other)
  })
  assert.deepEqual(wrong, [])
})

test('parts of the tests that stand by themselves import nothing else of ours', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [, allowed] = Object.entries(standalone).find(([part]) => from.startsWith(`${part}/`)) ?? []
    return allowed !== undefined && isOurs(to) && !allowed.some((part) => to.startsWith(`${part}/`))
  })
  assert.deepEqual(wrong, [])
})

test('no files import each other in a circle', () => {
  const targets = Map.groupBy(imports, ({ from }) => from)
  const done = new Set<string>()
  const circles: string[][] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file])
    if (done.has(file)) return
    for (const { to } of targets.get(file) ?? []) if (isOurs(to)) visit(to, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  assert.deepEqual(circles, [])
})

test('policies/ is pure: it imports no module of Node', () => {
  const wrong = imports.filter(({ from, to }) => partOf(from) === 'policies' && !isTest(from) && isNode(to))
  assert.deepEqual(wrong, [])
})

test('each package is known only where it is needed', () => {
  const packageOf = (specifier: string): string =>
    specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')
  const wrong = imports.filter(({ from, to }) => {
    if (wingOf(from) !== 'product' || isTest(from) || isOurs(to) || isNode(to) || to === 'package.json')
      return false
    return !(knownTo[packageOf(to)] ?? []).includes(partOf(from))
  })
  assert.deepEqual(wrong, [])
})
