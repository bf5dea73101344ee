import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { bundle } from '../bundle.ts'
import type { Generated } from '../docs/chart-docs.ts'
import { bundledPackages } from './bundled-packages.ts'
import { thirdPartyLicenses } from './licenses.ts'

/** The files that repeat the version of package.json or the packages in the bundle. */
export async function derivedFiles(root: string): Promise<readonly Generated[]> {
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8')
  const { version, description } = JSON.parse(await read('package.json'))
  const { metafile } = await bundle(root)
  return [
    { path: CHART_FILE, content: chartFile(await read(CHART_FILE), version) },
    { path: KUBESPRAY, content: kubesprayDefaults(await read(KUBESPRAY), version) },
    { path: 'Dockerfile', content: dockerfile(await read('Dockerfile'), version, description) },
    { path: 'package-lock.json', content: lockFile(await read('package-lock.json'), version) },
    {
      path: 'THIRD_PARTY_LICENSES.md',
      content: await thirdPartyLicenses(root, await bundledPackages(root, metafile)),
    },
  ]
}

const KUBESPRAY = 'packaging/upstream/kubespray/roles/kubernetes-apps/kubelet-csr-gate/defaults/main.yml'

const CHART_FILE = 'charts/kubelet-csr-gate/Chart.yaml'

/** Keeps the rest of Chart.yaml, with its comments. */
export function chartFile(current: string, version: string): string {
  const chart = parseDocument(current)
  chart.set('version', version)
  chart.set('appVersion', version)
  chart.setIn(['annotations', 'artifacthub.io/prerelease'], String(version.includes('-')))
  return chart.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function kubesprayDefaults(current: string, version: string): string {
  return current.replace(/^(kubelet_csr_gate_chart_version): .*$/m, `$1: ${version}`)
}

function dockerfile(current: string, version: string, description: string): string {
  return current
    .replace(/^ARG VERSION=.*$/m, `ARG VERSION=${version}`)
    .replace(/(image\.description=)".*"/, (_, label: string) => label + JSON.stringify(description))
}

/** The lock has the project's version twice. */
function lockFile(current: string, version: string): string {
  const lock = JSON.parse(current)
  lock.version = version
  lock.packages[''].version = version
  return `${JSON.stringify(lock, null, 2)}\n`
}
