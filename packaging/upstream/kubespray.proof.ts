import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'yaml'
import { goTool, missing } from '../release/go-tools.ts'
import { publishedValues } from '../release/published-chart.ts'

const UPSTREAM = join(import.meta.dirname, 'kubespray')
const CHART = join(import.meta.dirname, '..', '..', 'charts', 'kubelet-csr-gate')
const ROLE = 'kubernetes-apps/kubelet-csr-gate'
const skip = await missing(['ansible-playbook', 'go'])

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubelet-csr-gate-kubespray-'))
  // in place of Kubespray's role of this name, which calls Helm: writes down what it was asked for
  const tasks = join(folder, 'roles/helm-apps/tasks')
  await mkdir(tasks, { recursive: true })
  const content = '{{ {"releases": releases, "repositories": repositories} | to_json }}'
  await writeFile(join(tasks, 'main.yml'), JSON.stringify([{ copy: { content, dest: '{{ asked }}' } }]))
  await writeFile(join(folder, 'hosts.ini'), '[kube_control_plane]\ncontrol-1\ncontrol-2\n')
  const book = { hosts: 'kube_control_plane', gather_facts: false, connection: 'local', roles: [ROLE] }
  await writeFile(join(folder, 'play.yml'), JSON.stringify([book]))
})
after(() => rm(folder, { recursive: true }))

interface Asked {
  readonly releases: readonly Readonly<Record<string, unknown>>[]
  readonly repositories: readonly unknown[]
}

/** Runs the role as Kubespray does; returns what it asked of Kubespray's Helm role. */
async function play(variables: object): Promise<Asked> {
  const asked = join(folder, 'asked.json')
  await rm(asked, { force: true })
  const kubespray = { dns_domain: 'example.internal', kube_network_plugin: 'calico', asked }
  const extra = JSON.stringify({ ...kubespray, ...variables })
  const roles = [join(UPSTREAM, 'roles'), join(folder, 'roles')].join(':')
  const env = {
    ...process.env,
    ANSIBLE_ROLES_PATH: roles,
    ANSIBLE_LOCAL_TEMP: folder,
    ANSIBLE_REMOTE_TEMP: folder,
  }
  const args = ['-i', join(folder, 'hosts.ini'), '-e', extra, join(folder, 'play.yml')]
  await promisify(execFile)('ansible-playbook', args, { env, timeout: 120_000 }).catch(
    (error: Error & { stdout?: string }) => {
      throw new Error(`${error.message}\n${error.stdout ?? ''}`)
    },
  )
  return readFile(asked, 'utf8').then(JSON.parse, () => ({ releases: [], repositories: [] }))
}

test('the role installs the chart once, with the domain of the cluster and the registry, and Helm takes its values', {
  skip,
}, async () => {
  const own = { webhook: { failurePolicy: 'Fail' } }
  const registry = 'registry.example/owner'
  const { releases, repositories } = await play({
    kubelet_csr_gate_enabled: true,
    kubelet_csr_gate_registry: registry,
    kubelet_csr_gate_values: own,
  })
  assert.deepEqual(repositories, [])
  const { version } = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8'))
  const image = { registry, repository: 'kubelet-csr-gate' }
  const values = { image, policy: { clusterDomain: 'example.internal' }, ...own }
  const expected = {
    name: 'kubelet-csr-gate',
    namespace: 'kube-system',
    chart_ref: `oci://${registry}/charts/kubelet-csr-gate`,
    chart_version: version,
    wait: true,
    atomic: true,
    values,
  }
  assert.deepEqual(releases, [expected])
  const [published, given] = [join(folder, 'published.yaml'), join(folder, 'values.json')]
  const digest = `sha256:${'a'.repeat(64)}`
  const source = await readFile(join(CHART, 'values.yaml'), 'utf8')
  const place = { version, registry: 'ghcr.io/somebody', repository: null, digest, changes: [] }
  await writeFile(published, publishedValues(source, place))
  await writeFile(given, JSON.stringify(releases[0]?.['values']))
  const files = [`--values=${published}`, `--values=${given}`]
  const rendered = await goTool('helm', ['template', 'kubelet-csr-gate', CHART, ...files])
  assert.match(rendered, new RegExp(`image: registry\\.example/owner/kubelet-csr-gate@${digest}$`, 'm'))
  assert.match(rendered, /clusterDomain: example\.internal/)
  assert.match(rendered, /failurePolicy: Fail/)
})

test('without a pod network of Kubespray, the role does not wait for pods', { skip }, async () => {
  const { releases } = await play({ kubelet_csr_gate_enabled: true, kube_network_plugin: 'cni' })
  assert.deepEqual([releases[0]?.['wait'], releases[0]?.['atomic']], [false, false])
})

test('the role does nothing by default, and stops beside another approver', { skip }, async () => {
  assert.deepEqual((await play({})).releases, [])
  const both = { kubelet_csr_gate_enabled: true, kubelet_csr_approver_enabled: true }
  await assert.rejects(play(both), /Set kubelet_csr_approver_enabled to false/)
})
