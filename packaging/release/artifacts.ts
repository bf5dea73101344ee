import { type Bundle, bundle } from '../bundle.ts'
import { cliArtifacts, executableArchiveName } from '../cli/artifacts.ts'
import { sha256 } from '../digest.ts'
import { type Image, imageArchive, imageOf } from '../image/oci.ts'
import { type Architecture, ARCHITECTURES } from '../image/packages.ts'
import { imageLayers } from '../image/root-files.ts'
import { manifestFiles } from '../manifests/files.ts'
import { bundledPackages } from './bundled-packages.ts'
import { chartArchive } from './chart-archive.ts'
import { releaseNotes } from './release-notes.ts'
import { sbom } from './sbom.ts'

export interface Build {
  readonly version: string
  readonly registry: string | null
  /** `owner/name` on GitHub. */
  readonly repository: string | null
  /** Seconds since the epoch: the date in every archive. */
  readonly date: number
}

export interface Artifact {
  readonly name: string
  readonly content: Uint8Array
  /** Where the workflow publishes it, for the printed table. */
  readonly destination: string
}

/** `publication.json`: every name and digest that the publishing workflow needs. */
interface Publication {
  readonly version: string
  readonly image: { readonly repository: string; readonly digest: string; readonly archive: string }
  readonly platforms: readonly Platform[]
  readonly chart: { readonly repository: string; readonly archive: string }
}

interface Platform {
  readonly architecture: Architecture
  /** `sha256:…` of the manifest. */
  readonly digest: string
  readonly sbom: string
}

type Images = ReadonlyMap<Architecture, Image>

const NAME = 'kubelet-csr-gate'

/** Everything of a release, in memory. The same sources, date and registry give the same bytes. */
export async function artifacts(root: string, build: Build): Promise<readonly Artifact[]> {
  const { version, registry, repository, date } = build
  const bundled = await bundle(root)
  const images = await imagesOf(root, bundled.code, build)
  const { archive: imageTar, digest } = await imageArchive(version, images, date)
  const { image, chart, ...publication } = publicationOf(build, digest, images)
  const archive = await chartArchive(root, version, {
    image: { registry, digest },
    repository,
    date,
  })
  const json = `${JSON.stringify({ ...publication, image, chart }, null, 2)}\n`
  const files = [
    artifact(image.archive, imageTar, `${image.repository}:${version}, and the release page`),
    artifact(chart.archive, archive, `${chart.repository}/${NAME}:${version}`),
    artifact('publication.json', json, 'the publishing workflow'),
    artifact('RELEASE_NOTES.md', await releaseNotes(root, build), `text of the release page v${version}`),
    ...(await manifestArtifacts(root, build, digest)),
    ...(await platformArtifacts(root, build, { bundled, images })),
    ...(await commandLineArtifacts(root, build, bundled)),
  ]
  const sums = files.map(({ name, content }) => `${sha256(content)}  ${name}\n`).join('')
  return [...files, artifact('SHA256SUMS', sums, `release page v${version}`)]
}

/** What is installed without Helm. */
async function manifestArtifacts(root: string, build: Build, digest: string): Promise<readonly Artifact[]> {
  const { version, registry, date } = build
  const files = await manifestFiles(root, version, { image: { registry, digest }, date })
  return files.map(({ name, content }) => artifact(name, content, `release page v${version}`))
}

/** The SBOM of each architecture. */
async function platformArtifacts(
  root: string,
  { version, date }: Build,
  { bundled, images }: { readonly bundled: Bundle; readonly images: Images },
): Promise<readonly Artifact[]> {
  const page = `release page v${version}`
  const packages = await bundledPackages(root, bundled.metafile)
  const bundleSha256 = sha256(bundled.code)
  const files: Artifact[] = []
  for (const [architecture, image] of images) {
    const { digest } = image.manifest.descriptor
    const bom = sbom({ version, architecture, digest, bundled: packages, bundleSha256, date })
    files.push(artifact(sbomName(version, architecture), bom, `${page}, attested to the image`))
  }
  return files
}

async function commandLineArtifacts(
  root: string,
  { version, repository, date }: Build,
  { code }: Bundle,
): Promise<readonly Artifact[]> {
  const { npm, executables, krew } = await cliArtifacts(root, { version, repository, date, bundled: code })
  const page = `release page v${version}`
  return [
    ...executables.map(({ architecture, archive }) =>
      artifact(executableArchiveName(version, architecture), archive, page),
    ),
    artifact(`${NAME}-${version}-npm.tgz`, npm, `npm: ${NAME}@${version}`),
    artifact('csr-gate.yaml', krew, `${page}, and the index of krew`),
  ]
}

async function imagesOf(
  root: string,
  program: Uint8Array,
  { version, repository, date }: Build,
): Promise<Images> {
  const images = new Map<Architecture, Image>()
  for (const architecture of ARCHITECTURES) {
    const layers = await imageLayers(root, program, architecture)
    images.set(architecture, await imageOf({ version, architecture, layers, repository, date }))
  }
  return images
}

function publicationOf({ version, registry }: Build, digest: string, images: Images): Publication {
  const at = registry ?? '<registry>'
  return {
    version,
    image: { repository: `${at}/${NAME}`, digest, archive: `${NAME}-${version}.oci.tar` },
    platforms: [...images].map(([architecture, { manifest }]) => ({
      architecture,
      digest: manifest.descriptor.digest,
      sbom: sbomName(version, architecture),
    })),
    chart: { repository: `oci://${at}/charts`, archive: `${NAME}-${version}.tgz` },
  }
}

function sbomName(version: string, architecture: Architecture): string {
  return `${NAME}-${version}-linux-${architecture}.cdx.json`
}

function artifact(name: string, content: Uint8Array | string, destination: string): Artifact {
  return { name, content: typeof content === 'string' ? Buffer.from(content) : content, destination }
}
