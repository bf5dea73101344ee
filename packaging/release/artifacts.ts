import { type Bundle, bundle } from '../bundle.ts'
import { imageArchive } from '../image/oci.ts'
import { ARCHITECTURES } from '../image/packages.ts'
import { imageLayers } from '../image/root-files.ts'
import { bundledPackages } from './bundled-packages.ts'
import { chartArchive } from './chart-archive.ts'
import { type ImageIndex, imageIndex, type PlatformArchive } from './image-index.ts'
import { type Build, provenance, sha256 } from './provenance.ts'
import { sbom } from './sbom.ts'

export interface Artifact {
  readonly name: string
  readonly content: Uint8Array
  /** Where it goes, as the table of a dry run says it. */
  readonly destination: string
}

/** What the workflow that publishes needs to know, so that it has to look nothing up by a name that may move. */
export interface Publication {
  readonly version: string
  readonly image: { readonly repository: string; readonly digest: string; readonly layout: string }
  readonly platforms: readonly Platform[]
  readonly chart: { readonly repository: string; readonly archive: string }
}

interface Platform {
  readonly architecture: string
  /** `sha256:…` of the manifest. */
  readonly digest: string
  readonly archive: string
  readonly sbom: string
}

interface Image {
  readonly bundle: Bundle
  readonly archives: readonly PlatformArchive[]
  readonly index: ImageIndex
}

const NAME = 'kubelet-csr-gate'

/** Everything of a release, in memory. The same sources, date, registry and origin give the same bytes. */
export async function artifacts(root: string, build: Build): Promise<readonly Artifact[]> {
  const image = await imageOf(root, build)
  const publication = publicationOf(build, image.index)
  const summed = [
    ...imageArtifacts(publication, image),
    await chartArtifact(root, publication, build),
    ...(await sbomArtifacts(root, publication, { image, build })),
    artifact('publication.json', `${JSON.stringify(publication, null, 2)}\n`, 'the publishing workflow'),
  ]
  const subjects = summed.map(({ name, content }) => ({ name, sha256: sha256(content) }))
  const sums = subjects.map((subject) => `${subject.sha256}  ${subject.name}\n`).join('')
  const { repository, digest } = publication.image
  const statement = await provenance(
    root,
    [...subjects, { name: repository, sha256: digest.replace('sha256:', '') }],
    build,
  )
  return [
    ...summed,
    artifact('SHA256SUMS', sums, pageOf(publication)),
    artifact(`${NAME}-${build.version}.intoto.json`, statement, pageOf(publication)),
  ]
}

async function imageOf(root: string, { version, date }: Build): Promise<Image> {
  const bundled = await bundle(root)
  const archives: PlatformArchive[] = []
  for (const architecture of ARCHITECTURES) {
    const layers = await imageLayers(root, bundled.code, architecture)
    const reference = `${NAME}:${version}`
    archives.push({
      architecture,
      archive: imageArchive({ reference, version, architecture, layers, date }),
    })
  }
  return { bundle: bundled, archives, index: imageIndex(version, archives, date) }
}

function publicationOf({ version, registry }: Build, { digest, platforms }: ImageIndex): Publication {
  const at = registry ?? '<registry>'
  return {
    version,
    image: { repository: `${at}/${NAME}`, digest, layout: `${NAME}-${version}.oci.tar` },
    platforms: platforms.map((platform) => ({
      ...platform,
      archive: `${NAME}-${version}-linux-${platform.architecture}.tar`,
      sbom: `${NAME}-${version}-linux-${platform.architecture}.cdx.json`,
    })),
    chart: { repository: `oci://${at}/charts`, archive: `${NAME}-${version}.tgz` },
  }
}

function imageArtifacts(publication: Publication, { index, archives }: Image): readonly Artifact[] {
  const { image, platforms, version } = publication
  return [
    artifact(image.layout, index.layout, `${image.repository}:${version}`),
    ...platforms.flatMap((platform) =>
      archives
        .filter(({ architecture }) => architecture === platform.architecture)
        .map(({ archive }) => artifact(platform.archive, archive, pageOf(publication))),
    ),
  ]
}

async function chartArtifact(
  root: string,
  { version, image, chart }: Publication,
  { registry, date }: Build,
): Promise<Artifact> {
  const published = { registry, digest: image.digest }
  const archive = await chartArchive(root, version, { image: published, date })
  return artifact(chart.archive, archive, `${chart.repository}/${NAME}:${version}`)
}

async function sbomArtifacts(
  root: string,
  publication: Publication,
  { image, build }: { readonly image: Image; readonly build: Build },
): Promise<readonly Artifact[]> {
  const { version, date } = build
  const bundled = await bundledPackages(root, image.bundle.metafile)
  const bundleSha256 = sha256(image.bundle.code)
  return image.index.platforms.map(({ architecture, digest }) => {
    const name = publication.platforms.find((platform) => platform.architecture === architecture)?.sbom
    const content = sbom({ version, architecture, digest, bundled, bundleSha256, date })
    return artifact(name ?? architecture, content, `${pageOf(publication)}, attested to the image`)
  })
}

function pageOf({ version }: Publication): string {
  return `release page v${version}`
}

function artifact(name: string, content: Uint8Array | string, destination: string): Artifact {
  return { name, content: typeof content === 'string' ? Buffer.from(content) : content, destination }
}
