import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { faultOf } from './check-command.ts'
import { commandsIn } from './commands.ts'
import { type Page, readUserPages } from './pages.ts'

const root = join(import.meta.dirname, '..', '..')
const pages = await readUserPages(root)

async function faultsOf({ path, text }: Page): Promise<readonly string[]> {
  const faults: string[] = []
  for (const { line, words } of commandsIn(text)) {
    const fault = await faultOf(words)
    if (fault !== null) faults.push(`${path}:${line}: ${words.join(' ')}: ${fault}`)
  }
  return faults
}

test('every command of the docs has commands, flags, values and files that exist', async () => {
  const counted = pages
    .flatMap(({ text }) => commandsIn(text))
    .filter(({ words: [program] }) => ['kubelet-csr-gate', 'helm', 'kubectl'].includes(program ?? ''))
  assert.ok(counted.length > 150, `${counted.length}`)
  const faults: string[] = []
  for (const page of pages) faults.push(...(await faultsOf(page)))
  assert.deepEqual(faults, [])
})

test('what does not exist is found: in blocks, after prompts, in pipes and in prose', async () => {
  const text = [
    'Run `kubelet-csr-gate status --nodial`.',
    '```sh',
    'for node in $(kubectl get nodes --oops); do echo "$node"; done',
    'helm upgrade kubelet-csr-gate charts/kubelet-csr-gate \\',
    '  --set webhook.replica=3',
    'helm install a charts/kubelet-csr-gate --values charts/kubelet-csr-gate/gone.yaml',
    'kubelet-csr-gate report fleet.html | oops',
    'npm run demos',
    '```',
    '```console',
    '$ kubelet-csr-gate explains csr/a',
    'explains: output that looks like a command',
    '```',
  ].join('\n')
  assert.deepEqual(await faultsOf({ path: 'page', text }), [
    'page:3: kubectl get nodes --oops: kubectl has no flag --oops',
    'page:4: helm upgrade kubelet-csr-gate charts/kubelet-csr-gate --set webhook.replica=3: the chart has no value webhook.replica',
    'page:6: helm install a charts/kubelet-csr-gate --values charts/kubelet-csr-gate/gone.yaml: there is no file charts/kubelet-csr-gate/gone.yaml',
    'page:7: oops: the program oops is not known: is this output, a block of console or text?',
    'page:8: npm run demos: package.json has no script demos',
    "page:11: kubelet-csr-gate explains csr/a: error: unknown command 'explains'\n(Did you mean explain?)",
    "page:1: kubelet-csr-gate status --nodial: error: unknown option '--nodial'\n(Did you mean --no-dial?)",
  ])
})
