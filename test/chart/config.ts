import assert from 'node:assert/strict'
import { type LoadedConfig, parseConfig } from '../../server/config-file.ts'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'

/** The config file that the chart renders, as the service reads it. Fails with its faults. */
export async function configOf(
  objects: readonly JsonObject[],
): Promise<Extract<LoadedConfig, { readonly ok: true }>> {
  const files = objects.map((object) => textAt(objectAt(object, 'data'), 'config.yaml'))
  const loaded = await parseConfig(files.find((text) => text !== '') ?? '', 'config.yaml')
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.faults.join('\n'))
  return loaded
}
