import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from './ports.ts'
import { loadConfig } from './config-file.ts'
import { type PolicyWatch, watchConfig } from './config-watch.ts'
import { until } from '../test/kit/until.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-watch-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Started {
  readonly watch: PolicyWatch
  readonly reloads: boolean[]
  readonly modes: string[]
  readonly warnings: object[]
  [Symbol.dispose](): void
}

async function startWatch(path: string): Promise<Started> {
  const first = await loadConfig(path)
  assert.ok(first.ok)
  const [reloads, modes, warnings]: [boolean[], string[], object[]] = [[], [], []]
  const quiet = () => undefined
  const log: Log = { debug: quiet, info: quiet, error: quiet, warn: (fields) => void warnings.push(fields) }
  const watch = watchConfig({
    ...first,
    path,
    log,
    everyMs: 20,
    recorder: { policyInForce: () => undefined, policyReloaded: (ok) => void reloads.push(ok) },
  })
  watch.subscribe(() => modes.push(watch.rules().settings.mode))
  return { watch, reloads, modes, warnings, [Symbol.dispose]: () => watch.stop() }
}

test('a changed policy takes effect', async () => {
  const path = join(folder, 'config.yaml')
  await writeFile(path, 'policy: {mode: enforce}')
  using started = await startWatch(path)
  await writeFile(path, 'policy: {mode: dryRun}')
  await until(() => started.watch.rules().settings.mode === 'dryRun')
  assert.deepEqual([started.reloads, started.modes], [[true], ['dryRun']])
})

test('an invalid policy is reported once and ignored, and the next valid one takes effect', async () => {
  const path = join(folder, 'config.yaml')
  await writeFile(path, 'policy: {mode: enforce}')
  using started = await startWatch(path)
  const before = started.watch.rules().hash
  await writeFile(path, 'policy: {mode: strict}')
  await until(() => started.reloads.length === 1)
  await pause(100)
  assert.deepEqual(started.reloads, [false])
  assert.deepEqual(started.warnings, [
    {
      faults: [`${path}:1:10 policy.mode: is "strict", must be one of enforce, dryRun, approveOnly`],
      policyHash: before,
    },
  ])
  assert.equal(started.watch.rules().hash, before)
  await writeFile(path, 'policy: {mode: approveOnly}')
  await until(() => started.modes.length === 1)
  assert.deepEqual([started.reloads, started.modes], [[false, true], ['approveOnly']])
})

test('a file that gets its old content back is reported as valid again', async () => {
  const path = join(folder, 'config.yaml')
  await writeFile(path, 'policy: {mode: dryRun}')
  using started = await startWatch(path)
  await writeFile(path, 'policy: {mode: audi}')
  await until(() => started.reloads.length === 1)
  await writeFile(path, 'policy: {mode: dryRun}')
  await until(() => started.reloads.length === 2)
  assert.deepEqual([started.reloads, started.modes], [[false, true], []])
})

test('a config file that is removed leaves the last policy in effect', async () => {
  const path = join(folder, 'config.yaml')
  await writeFile(path, 'policy: {mode: dryRun}')
  using started = await startWatch(path)
  await rm(path)
  await until(() => started.reloads.length === 1)
  assert.deepEqual(started.reloads, [false])
  assert.equal(started.watch.rules().settings.mode, 'dryRun')
})

test('a file that is still being written is not loaded', async () => {
  const path = join(folder, 'config.yaml')
  await writeFile(path, 'policy: {mode: dryRun}')
  using started = await startWatch(path)
  await writeFile(path, '')
  await pause(100)
  await writeFile(path, 'policy: {mode: approveOnly}')
  await until(() => started.modes.length === 1)
  assert.deepEqual(started.modes, ['approveOnly'])
})

test('a ConfigMap mount that changes by swapping a symlink is reloaded', async () => {
  const put = async (version: string, text: string) => {
    await mkdir(join(folder, version))
    await writeFile(join(folder, version, 'config.yaml'), text)
    await symlink(version, join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  }
  await put('..v1', 'policy: {mode: enforce}')
  await symlink(join('..data', 'config.yaml'), join(folder, 'config.yaml'))
  using started = await startWatch(join(folder, 'config.yaml'))
  await put('..v2', 'policy: {mode: dryRun}')
  await rm(join(folder, '..v1'), { recursive: true })
  await until(() => started.watch.rules().settings.mode === 'dryRun')
})

test('a setting besides the policy is not reloaded, and a change of it is told once', async () => {
  const path = join(folder, 'config.yaml')
  await writeFile(path, 'drainSeconds: 1')
  using started = await startWatch(path)
  await writeFile(path, 'drainSeconds: 2\nkubelet: {port: 10251}\npolicy: {mode: dryRun}')
  await until(() => started.modes.length === 1)
  await writeFile(path, 'drainSeconds: 2\nkubelet: {port: 10251}\npolicy: {mode: approveOnly}')
  await until(() => started.modes.length === 2)
  assert.deepEqual(started.warnings, [{ changed: ['drainSeconds', 'kubelet'] }])
  assert.deepEqual(started.modes, ['dryRun', 'approveOnly'])
})
