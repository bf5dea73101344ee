/** What a user does with a manifest: applies it, applies it again, and deletes it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parse, parseAllDocuments } from 'yaml'
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { pathOf } from '../chart/dry-run.ts'
import { called, listOf } from '../chart/objects.ts'
import { readBack, writeAsPods } from '../chart/pods-writes.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { kubectl } from './kubectl.ts'

/** What is applied. The ClusterResourceSet holds the text of install.yaml. */
export const WAYS = ['install.yaml', 'bootstrap.yaml', 'talos-inline.yaml', 'kustomize'] as const

/** The text that installs the objects: what kubectl makes of the kustomize base, and what Talos unpacks. */
export async function textOf(
  cluster: ControlPlane,
  folder: string,
  way: (typeof WAYS)[number],
): Promise<string> {
  const path = join(folder, way)
  if (way === 'kustomize') return kubectl(cluster, ['kustomize', path])
  const text = await readFile(path, 'utf8')
  return way === 'talos-inline.yaml' ? parse(text).cluster.inlineManifests[0].contents : text
}

export function objectsIn(text: string): readonly JsonObject[] {
  return parseAllDocuments(text).map((document) => document.toJS())
}

const APPLY = ['apply', '--server-side', '--filename=-']

/**
 * Applies a text server-side, writes what the pods would write, applies it again, and deletes it.
 * @returns errors, warnings, what the second time changed, and what is left: a line each
 */
export async function applyProblems(cluster: ControlPlane, text: string): Promise<readonly string[]> {
  const objects = objectsIn(text)
  // nothing but the apply may change an object meanwhile
  await cluster.pauseControllerManager()
  const found: string[] = []
  try {
    await kubectl(cluster, APPLY, text)
    await writeAsPods(cluster, objects)
    const [before, written] = [await stored(cluster, objects), await readBack(cluster, objects)]
    await kubectl(cluster, APPLY, text)
    found.push(...changes(before, await stored(cluster, objects)))
    if (!isDeepStrictEqual(await readBack(cluster, objects), written))
      found.push('what the pods wrote is lost')
  } catch (error) {
    found.push(error instanceof Error ? error.message : String(error))
  } finally {
    cluster.resumeControllerManager()
  }
  await kubectl(cluster, ['delete', '--ignore-not-found', '--timeout=60s', '--filename=-'], text)
  return [...found, ...(await left(cluster, objects))]
}

async function stored(cluster: ControlPlane, objects: readonly JsonObject[]): Promise<readonly JsonObject[]> {
  const read = async (object: JsonObject) =>
    (await cluster.adminRequest('GET', `${await pathOf(cluster, object)}`)).body
  return Promise.all(objects.map(async (object) => unchanging(await read(object))))
}

/** Without what changes by itself: the API server writes the status of FlowSchemas. */
function unchanging(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata')
  const managedFields = listOf(metadata['managedFields']).filter(
    ({ subresource }) => subresource !== 'status',
  )
  return { ...object, status: null, metadata: { ...metadata, resourceVersion: null, managedFields } }
}

function changes(before: readonly JsonObject[], after: readonly JsonObject[]): readonly string[] {
  return before.flatMap((object, index) =>
    isDeepStrictEqual(object, after[index]) ? [] : [`the second apply changes ${called(object)}`],
  )
}

async function left(cluster: ControlPlane, objects: readonly JsonObject[]): Promise<readonly string[]> {
  const lines: string[] = []
  for (const object of objects) {
    const { status, body } = await cluster.adminRequest('GET', `${await pathOf(cluster, object)}`)
    if (status !== 404) lines.push(`${called(object)} is left: ${status} ${textAt(body, 'message')}`)
  }
  return lines
}
