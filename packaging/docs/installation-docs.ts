import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readUserPages } from '../site/pages.ts'
import type { Generated } from './chart-docs.ts'
import type { Released } from './released.ts'

/** Texts for other projects, which name the owner. */
const UPSTREAM = [
  'README.md',
  'kubernetes/kubeadm-certs.md',
  'kubernetes/kubelet-tls-bootstrapping.md',
  'kubespray/roles/kubernetes-apps/kubelet-csr-gate/defaults/main.yml',
  'talos/kubelet-serving-certificates.mdx',
].map((path) => `packaging/upstream/${path}`)

/** All pages that say how to install: of `made` if they are there, as they are otherwise. */
export async function installationPages(
  root: string,
  made: readonly Generated[],
): Promise<readonly Generated[]> {
  const userPages = (await readUserPages(root)).map(({ path }) => path)
  const before = new Map(made.map(({ path, content }) => [path, content]))
  return Promise.all(
    [...userPages, ...UPSTREAM].map(async (path) => ({
      path,
      content: before.get(path) ?? (await readFile(join(root, path), 'utf8')),
    })),
  )
}

const VERSION =
  /(?<=kubelet-csr-gate[:-]|name: kubelet-csr-gate\n +version: |targetRevision: v?|ref: \{tag: |--version |\/download\/v)\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?/gu

/** Where pages name a version of the chart, the image or a file of the release. */
export function withVersion(text: string, version: string): string {
  return text.replaceAll(VERSION, version)
}

const UNTIL = /^ *<!-- until the release -->\n[^]*?^ *(?:<!-- once released\n([^]*?)-->|<!-- end -->)\n/gmu
const HELM = /\bhelm (?:install|upgrade|template) (?:\\\n|[^\n`])*/gu
const CHART = /(?:oci:\/\/\S+\/)?charts\/kubelet-csr-gate(?: --version \S+)?(?=\s|$)/u
const PROFILES = /(?:https:\/\/\S+\/)?charts\/kubelet-csr-gate\/profiles\//u

/** A page once this version is released: it installs from the registry, and no longer says how to build. */
export function asReleased(text: string, version: string, { registry, repository }: Released): string {
  const source = `https://raw.githubusercontent.com/${repository}/v${version}/charts/kubelet-csr-gate`
  const fromRegistry = (command: string): string =>
    command
      .replace(CHART, `oci://${registry}/charts/kubelet-csr-gate --version ${version}`)
      .replace(PROFILES, `${source}/profiles/`)
      .replace(/(?: \\\n *| )--set image\.registry=YOUR-REGISTRY/u, '')
  return text
    .replaceAll(UNTIL, (_, after: string | undefined) => after ?? '')
    .replaceAll(HELM, fromRegistry)
    .replaceAll(/ghcr\.io\/OWNER|(?<=name: )YOUR-REGISTRY/gu, registry)
    .replaceAll('OWNER/kubelet-csr-gate', repository)
    .replaceAll(
      /(?<![\w/])dist\/manifests\//gu,
      `https://github.com/${repository}/releases/download/v${version}/`,
    )
    .replaceAll('YOUR-REGISTRY', 'registry.example.com')
}
