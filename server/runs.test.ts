import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Component } from './config.ts'
import { parseConfig } from './config-file.ts'
import { runsOf } from './runs.ts'

async function runs(text: string, component: Component = 'all') {
  const loaded = await parseConfig(text, 'config.yaml')
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.faults.join('\n'))
  return runsOf(component, loaded.config)
}

test('a process runs of the enabled components those that it is told to run', async () => {
  const both = async (text: string, component: Component) => {
    const { webhook, controller } = await runs(text, component)
    return [webhook, controller]
  }
  assert.deepEqual(await both('', 'all'), [true, true])
  assert.deepEqual(await both('', 'webhook'), [true, false])
  assert.deepEqual(await both('', 'controller'), [false, true])
  assert.deepEqual(await both('webhook: {enabled: false}', 'all'), [false, true])
  assert.deepEqual(await both('controller: {enabled: false}', 'controller'), [false, false])
})

test('the webhook reads its certificate from files, and no other process needs one', async () => {
  assert.equal((await runs('')).certificate, 'read')
  assert.equal((await runs('', 'controller')).certificate, null)
  assert.equal((await runs('webhook: {enabled: false}\ntls: {mode: selfSigned}')).certificate, null)
})

test('the controller keeps a self-signed certificate for webhooks in other processes, which read it as files', async () => {
  const text = 'tls: {mode: selfSigned, names: [gate.gate.svc]}'
  for (const component of ['all', 'controller'] as const)
    assert.equal((await runs(text, component)).certificate, 'keep')
  assert.equal((await runs(text, 'webhook')).certificate, 'read')
  assert.equal((await runs(`${text}\ncontroller: {enabled: false}`, 'webhook')).certificate, 'keep')
})

test('kubelets are dialled and sources asked by the controller, and where the guard judges as it does', async () => {
  for (const component of ['all', 'controller'] as const)
    assert.equal((await runs('', component)).judgesStored, true)
  assert.equal((await runs('', 'webhook')).judgesStored, false)
  assert.equal((await runs('guard: {enabled: true}', 'webhook')).judgesStored, true)
})
