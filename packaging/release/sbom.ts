import { createHash } from 'node:crypto'
import { type Architecture, type Package, lockedPackages } from '../image/packages.ts'
import { lockedNode, NODE_VERSION } from '../image/node-binary.ts'
import type { BundledPackage } from './bundled-packages.ts'

export interface Image {
  readonly version: string
  readonly architecture: Architecture
  /** `sha256:…` of the image's manifest. */
  readonly digest: string
  readonly bundled: readonly BundledPackage[]
  /** SHA-256 of the bundle, in hex. */
  readonly bundleSha256: string
  /** Seconds since the epoch. */
  readonly date: number
}

/** The part of CycloneDX 1.6 that is used here: https://cyclonedx.org/docs/1.6/json/ */
interface Component {
  readonly type: 'application' | 'container' | 'library' | 'platform'
  readonly 'bom-ref': string
  readonly name: string
  readonly group?: string
  readonly version: string
  readonly purl?: string
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses?: readonly { readonly expression: string }[]
  readonly components?: readonly Component[]
}

/** From each package's copyright file; Debian's index has no field for it. A test finds a package without an entry. */
export const DEBIAN_LICENSES: Readonly<Partial<Record<string, string>>> = {
  'base-files': 'GPL-2.0-or-later',
  'gcc-12-base': 'GPL-3.0-or-later WITH GCC-exception-3.1',
  libc6: 'LGPL-2.1-or-later',
  'libgcc-s1': 'GPL-3.0-or-later WITH GCC-exception-3.1',
  'libstdc++6': 'GPL-3.0-or-later WITH GCC-exception-3.1',
}

/** The name by which vulnerability scanners find the advisories of Debian 12. */
const DISTRIBUTION = 'debian-12'

/** Keys of `process.versions` that are Node itself, or versions of interfaces and tables. */
const NOT_COMPONENTS: ReadonlySet<string> = new Set(['node', 'modules', 'napi', 'unicode', 'tz', 'cldr'])

/** Everything in the image that has a version: the program, its packages, Node, the libraries in Node, Debian. */
export function sbom(image: Image): string {
  const container = containerOf(image)
  const components = [program(image), ...npmPackages(image.bundled), node(image.architecture)]
  const all = [...components, ...lockedPackages(image.architecture).map((deb) => debianPackage(deb, image))]
  const refs = all.map((component) => component['bom-ref'])
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { timestamp: new Date(image.date * 1000).toISOString(), component: container },
    components: all,
    dependencies: [{ ref: container['bom-ref'], dependsOn: refs }, ...refs.map((ref) => ({ ref }))],
    compositions: [{ aggregate: 'complete', assemblies: [container['bom-ref']] }],
  }
  return `${JSON.stringify({ serialNumber: serialNumber(bom), ...bom }, null, 2)}\n`
}

function containerOf({ version, architecture, digest }: Image): Component {
  const purl = `pkg:oci/kubelet-csr-gate@${encodeURIComponent(digest)}?arch=${architecture}&tag=${version}`
  return { type: 'container', 'bom-ref': purl, name: 'kubelet-csr-gate', version: digest, purl }
}

function program({ version, bundleSha256 }: Image): Component {
  return {
    type: 'application',
    'bom-ref': `kubelet-csr-gate@${version}`,
    name: 'kubelet-csr-gate',
    version,
    hashes: [{ alg: 'SHA-256', content: bundleSha256 }],
    licenses: [{ expression: 'Apache-2.0' }],
  }
}

/** One version in two folders is one component. */
function npmPackages(bundled: readonly BundledPackage[]): readonly Component[] {
  const components = bundled.map(npmPackage)
  return [...new Map(components.map((component) => [component['bom-ref'], component])).values()]
}

function npmPackage({ name, version, license, integrity }: BundledPackage): Component {
  const [scope, plain] = name.startsWith('@') ? name.split('/') : [undefined, name]
  const purl = `pkg:npm/${scope === undefined ? '' : `${encodeURIComponent(scope)}/`}${plain}@${version}`
  return {
    type: 'library',
    'bom-ref': purl,
    ...(scope !== undefined && { group: scope }),
    name: plain ?? name,
    version,
    purl,
    ...(integrity !== null && { hashes: [{ alg: 'SHA-512', content: hexOfIntegrity(integrity) }] }),
    licenses: [{ expression: license }],
  }
}

/** The libraries in Node are read from the running Node, which must be the image's. */
function node(architecture: Architecture): Component {
  if (process.versions.node !== NODE_VERSION)
    throw new Error(`run with Node ${NODE_VERSION}, the image's; this is ${process.versions.node}`)
  const carried = Object.entries(process.versions).filter(
    ([name, version]) => version !== undefined && version !== '' && !NOT_COMPONENTS.has(name),
  )
  const { package: name, integrity } = lockedNode(architecture)
  const purl = `pkg:npm/${name}@${NODE_VERSION}`
  return {
    type: 'platform',
    'bom-ref': purl,
    name: 'node',
    version: NODE_VERSION,
    purl: `pkg:generic/node@${NODE_VERSION}`,
    hashes: [{ alg: 'SHA-512', content: hexOfIntegrity(integrity) }],
    licenses: [{ expression: 'MIT' }],
    components: carried.map(([part, version = '']) => ({
      type: 'library',
      'bom-ref': `${purl}#${part}`,
      name: part,
      version,
      purl: `pkg:generic/${part}@${encodeURIComponent(version)}`,
    })),
  }
}

function debianPackage({ name, version, sha256 }: Package, { architecture }: Image): Component {
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${architecture}&distro=${DISTRIBUTION}`
  const license = DEBIAN_LICENSES[name]
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    hashes: [{ alg: 'SHA-256', content: sha256 }],
    ...(license !== undefined && { licenses: [{ expression: license }] }),
  }
}

function hexOfIntegrity(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex')
}

/** A UUID of version 8 (RFC 9562 section 5.8) from the content: the same content gives the same bytes. */
function serialNumber(content: object): string {
  const hex = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ]
  return `urn:uuid:${parts.join('-')}`
}
