import { posix } from 'node:path'
import { parseDocument, stringify } from 'yaml'
import type { Change } from './changelog.ts'

/** Where a release is published. A part that is not known is null, and what depends on it is left out. */
export interface Published {
  readonly version: string
  /** Where the image is, such as `ghcr.io/owner`. */
  readonly registry: string | null
  /** `owner/name` on GitHub. */
  readonly repository: string | null
  /** `sha256:…` of the image index. */
  readonly digest: string
  readonly changes: readonly Change[]
}

/** The page of Artifact Hub shows them all at once; the rest is in the release notes. */
const CHANGES_MAX = 10
const CHART = 'charts/kubelet-csr-gate'
const IMAGE = 'kubelet-csr-gate'
const PLATFORMS = ['linux/amd64', 'linux/arm64']
const LINK = /\[([^\]]+)\]\((?!https?:|#)([^)\s]+)\)/gu

/** Values of the published chart: the image by digest, and the URL of the runbooks of this version. */
export function publishedValues(text: string, { version, registry, repository, digest }: Published): string {
  const values = parseDocument(text)
  if (registry !== null) {
    const [host = '', ...path] = registry.split('/')
    values.setIn(['image', 'registry'], host)
    values.setIn(['image', 'repository'], [...path, IMAGE].join('/'))
    values.setIn(['image', 'digest'], digest)
  }
  if (repository !== null) {
    const runbooks = `${pageUrl(repository, version, 'docs/on-call.md')}#`
    values.setIn(['metrics', 'prometheusRule', 'runbookUrl'], runbooks)
  }
  return values.toString({ lineWidth: 0 })
}

/** Chart.yaml of the published chart, with what Artifact Hub shows: addresses, icon, image and changes. */
export function publishedChartFile(text: string, published: Published): string {
  const { version, registry, repository, digest, changes } = published
  const chart = parseDocument(text)
  const annotate = (name: string, value: unknown): void =>
    chart.setIn(['annotations', `artifacthub.io/${name}`], stringify(value, { lineWidth: 0 }))
  if (registry !== null)
    annotate('images', [{ name: IMAGE, image: `${registry}/${IMAGE}@${digest}`, platforms: PLATFORMS }])
  annotate(
    'changes',
    changes.slice(0, CHANGES_MAX).map(({ kind, description }) => ({
      kind,
      description: withAddresses(description, '.', published),
    })),
  )
  const isSecurity = changes.some(({ kind }) => kind === 'security')
  chart.setIn(['annotations', 'artifacthub.io/containsSecurityUpdates'], String(isSecurity))
  if (repository !== null) {
    const home = `https://github.com/${repository}`
    chart.set('home', home)
    chart.set('sources', [home])
    chart.set('icon', `https://raw.githubusercontent.com/${repository}/v${version}/${CHART}/icon.svg`)
    chart.setIn(['maintainers', 0, 'url'], home)
    annotate('links', [
      { name: 'Documentation', url: pageUrl(repository, version, 'docs/README.md') },
      { name: 'On call', url: pageUrl(repository, version, 'docs/on-call.md') },
      { name: 'Support', url: `${home}/issues` },
    ])
  }
  return chart.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** README of the published chart: links that lead out of the chart are addresses. */
export function publishedReadme(text: string, published: Published): string {
  return withAddresses(text, CHART, published)
}

/**
 * Relative links of a file in `folder` become addresses of this version. Links within the chart stay. Without a repository,
 * the path stands beside the text.
 */
export function withAddresses(
  text: string,
  folder: string,
  { version, repository }: Pick<Published, 'version' | 'repository'>,
): string {
  return text.replaceAll(LINK, (link: string, words: string, target: string) => {
    const path = posix.join(folder, target)
    if (folder === CHART && path.startsWith(`${CHART}/`)) return link
    return repository === null ? `${words} (${path})` : `[${words}](${pageUrl(repository, version, path)})`
  })
}

function pageUrl(repository: string, version: string, path: string): string {
  return `https://github.com/${repository}/blob/v${version}/${path}`
}
