import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { checkCodes, otherReasons } from '../../policies/codes.ts'
import { run as runProgram } from '../../test/kit/child.ts'
import { temporaryDirectory } from '../../test/kit/directory.ts'
import { checks } from './checks.ts'
import { addsFlag, addsToList, changesFlag, GIVE_ADDRESS } from './steps.ts'

const kinds = checks.flatMap((check) => Object.entries(check.kinds))
const codes = [...checks.map(({ id }) => id), ...kinds.map(([code]) => code)]

test('a code of a finding means one thing, and never what a CSR has in its conditions', () => {
  const reasons = new Set<string>([...checkCodes, ...Object.keys(otherReasons)])
  assert.deepEqual(
    codes.filter((code, index) => reasons.has(code) || codes.indexOf(code) !== index),
    [],
  )
})

const commands = kinds.flatMap(([code, { fix }]) =>
  fix.flatMap(({ run }) => (run === undefined ? [] : [{ code, run }])),
)

test('no command overwrites a file', () => {
  const overwrites = /\btee (?!-a )|(?:^|\s)>(?!>)|\b(?:cp|mv|dd|truncate|install) [/.-]|sed (?!-i )[^|]*>/u
  assert.match("echo 'A=b' | sudo tee /etc/default/kubelet", overwrites)
  assert.deepEqual(
    commands.filter(({ run }) => overwrites.test(run)),
    [],
  )
})

test('a command is one line that a shell can read, and its words in capitals are names that checks give', async () => {
  const ofObjects = ['NODE', 'NAME', 'NAMESPACE', 'KIND', 'BINDING', 'CONFIGURATION', 'SECRET', 'SERVICE']
  const placeholders = new Set([...ofObjects, 'PORT', 'FILE', 'MACHINE'])
  for (const { code, run } of commands) {
    assert.doesNotMatch(run, /\n/u, code)
    await runProgram(['sh', '-n', '-c', run])
    const capitals = [...run.matchAll(/(?<=^|[ /'])[A-Z]{2,}(?=$|[ /'])/gu)].map(([word]) => word)
    assert.deepEqual(
      capitals.filter((word) => !placeholders.has(word)),
      [],
      code,
    )
  }
})

/** Runs a command on a machine whose files are in `root`, with stand-ins for sudo and systemctl. */
async function typed(root: string, run: string, input = ''): Promise<void> {
  const standIns = 'sudo() { "$@"; }; systemctl() { :; };'
  await runProgram(['sh', '-ec', standIns + run.replaceAll('/etc/', `${root}/etc/`)], { input })
}

test('the address that is typed in joins the arguments of the kubelet that are there, where the distribution has them', async () => {
  await using folder = await temporaryDirectory('args')
  const [debian, redHat] = [join(folder.path, 'debian'), join(folder.path, 'redhat')]
  await mkdir(join(debian, 'etc/default'), { recursive: true })
  await typed(debian, GIVE_ADDRESS, '10.0.0.7\n')
  assert.equal(
    await readFile(join(debian, 'etc/default/kubelet'), 'utf8'),
    'KUBELET_EXTRA_ARGS=--node-ip=10.0.0.7\n',
  )
  await mkdir(join(redHat, 'etc/sysconfig'), { recursive: true })
  await writeFile(join(redHat, 'etc/sysconfig/kubelet'), 'A=b\nKUBELET_EXTRA_ARGS="--v=2"\n')
  await typed(redHat, GIVE_ADDRESS, '10.0.0.7\n')
  assert.equal(
    await readFile(join(redHat, 'etc/sysconfig/kubelet'), 'utf8'),
    'A=b\nKUBELET_EXTRA_ARGS="--node-ip=10.0.0.7 --v=2"\n',
  )
})

test('a flag is added to a manifest once, an entry to a list before those that are there, and a value replaced', async () => {
  await using folder = await temporaryDirectory('manifests')
  const file = join(folder.path, 'etc/kubernetes/manifests/kube-apiserver.yaml')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, '  - command:\n    - kube-apiserver\n    - --v=2\n')
  const adds = addsToList('kube-apiserver', '--enable-admission-plugins', 'NodeRestriction')
  await typed(folder.path, adds)
  await typed(folder.path, addsFlag('kube-apiserver', '--enable-admission-plugins=X'))
  const once =
    '  - command:\n    - kube-apiserver\n    - --enable-admission-plugins=NodeRestriction\n    - --v=2\n'
  assert.equal(await readFile(file, 'utf8'), once)
  await writeFile(file, once.replace('NodeRestriction', 'Other'))
  await typed(folder.path, adds)
  assert.equal(await readFile(file, 'utf8'), once.replace('NodeRestriction', 'NodeRestriction,Other'))
  await typed(folder.path, changesFlag('kube-apiserver', '--enable-admission-plugins', 'NodeRestriction'))
  assert.equal(await readFile(file, 'utf8'), once)
})
