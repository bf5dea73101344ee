/** What Argo CD and Flux do with rendered objects: server-side apply, prune, and a dry run that shows drift. */
import { objectAt, textAt } from '../../server/json.ts'
import type { JsonObject } from '../../server/ports.ts'
import { pathOf } from '../chart/dry-run.ts'
import { called, nameOf } from '../chart/objects.ts'
import type { ControlPlane } from '../control-plane/control-plane.ts'
import { differences, notStoredAsWritten } from './difference.ts'

/** Field managers: of Argo CD, of Flux for plain manifests, and of Flux for charts. */
export const MANAGERS = ['argocd-controller', 'kustomize-controller', 'helm-controller'] as const
export type Manager = (typeof MANAGERS)[number]

/** Pods write to some objects at any time: a comparison with what was read a moment before is repeated. */
const LOOKS = 4
const STRICT = 'fieldValidation=Strict'

/** What each adds to the objects to know them as its own. */
const marks: Readonly<Record<Manager, (object: JsonObject) => JsonObject>> = {
  'argocd-controller': (object) => ({
    annotations: { 'argocd.argoproj.io/tracking-id': `kubelet-csr-gate:${keyOf(object)}` },
  }),
  'kustomize-controller': () => ({
    labels: {
      'kustomize.toolkit.fluxcd.io/name': 'kubelet-csr-gate',
      'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
    },
  }),
  'helm-controller': () => ({
    labels: {
      'helm.toolkit.fluxcd.io/name': 'kubelet-csr-gate',
      'helm.toolkit.fluxcd.io/namespace': 'kubelet-csr-gate',
    },
    annotations: {
      'meta.helm.sh/release-name': 'example',
      'meta.helm.sh/release-namespace': 'example-system',
    },
  }),
}

/** A GitOps controller that syncs one application, and never forces a conflict. */
export class GitopsController {
  readonly #cluster: ControlPlane
  readonly #manager: Manager
  #applied: readonly JsonObject[] = []

  constructor(cluster: ControlPlane, manager: Manager) {
    this.#cluster = cluster
    this.#manager = manager
  }

  /** Applies objects, and deletes those that it had applied before. Returns conflicts and other errors, a line each. */
  async sync(rendered: readonly JsonObject[]): Promise<readonly string[]> {
    const objects = this.marked(rendered)
    const faults: string[] = []
    for (const rank of RANKS) {
      const applied = objects.filter((object) => rankOf(object) === rank)
      faults.push(...(await Promise.all(applied.map((object) => this.#faultOf(object)))).flat())
    }
    const kept = new Set(objects.map(keyOf))
    await this.#remove(this.#applied.filter((object) => !kept.has(keyOf(object))))
    this.#applied = objects
    return faults
  }

  /** The objects as it applies them: with its labels or annotations. */
  marked(objects: readonly JsonObject[]): readonly JsonObject[] {
    return objects.map((object) => {
      const metadata = { ...objectAt(object, 'metadata') }
      for (const [key, mark] of Object.entries(marks[this.#manager](object)))
        metadata[key] = { ...objectAt(metadata, key), ...objectAt(mark) }
      return { ...object, metadata }
    })
  }

  /** Deletes all that it applied, as when the application is deleted. */
  async prune(): Promise<void> {
    await this.#remove(this.#applied)
    this.#applied = []
  }

  /**
   * What a sync would change, and what is stored otherwise than it is written, a line each. The first is what the server-side
   * diffs of Argo CD and Flux report; the second more than any other diff of Argo CD does.
   */
  async drift(rendered: readonly JsonObject[]): Promise<readonly string[]> {
    const lines = await Promise.all(this.marked(rendered).map((object) => this.#driftOf(object)))
    return lines.flat()
  }

  async #driftOf(object: JsonObject): Promise<readonly string[]> {
    let lines: readonly string[] = []
    for (let look = 0; look < LOOKS; look++) {
      const { status, body: stored } = await this.#cluster.adminRequest('GET', await this.#pathOf(object))
      if (status !== 200) return [`${called(object)}: is missing`]
      const { status: applied, body } = await this.#apply(object, `dryRun=All&${STRICT}`)
      const changed =
        applied < 300
          ? differences(comparable(stored), comparable(body))
          : [`${applied} ${textAt(body, 'message')}`]
      lines = [
        ...changed.map((line) => `${called(object)}: a sync would change ${line}`),
        ...notStoredAsWritten(object, stored).map(
          (line) => `${called(object)}: is stored otherwise: ${line}`,
        ),
      ]
      if (lines.length === 0) break
    }
    return lines
  }

  async #apply(object: JsonObject, query: string) {
    const path = `${await this.#pathOf(object)}?fieldManager=${this.#manager}&${query}`
    return await this.#cluster.admin.apply(path, object)
  }

  async #faultOf(object: JsonObject): Promise<readonly string[]> {
    const { status, body } = await this.#apply(object, STRICT)
    return status < 300 ? [] : [`${called(object)}: ${status} ${textAt(body, 'message')}`]
  }

  async #remove(objects: readonly JsonObject[]): Promise<void> {
    for (const rank of RANKS.toReversed()) {
      const removed = objects.filter((object) => rankOf(object) === rank)
      await Promise.all(removed.map((object) => this.#delete(object)))
    }
  }

  async #delete(object: JsonObject): Promise<void> {
    const { status } = await this.#cluster.adminRequest('DELETE', await this.#pathOf(object))
    if (status >= 300 && status !== 404) throw new Error(`${called(object)} cannot be deleted: ${status}`)
  }

  readonly #paths = new Map<string, string>()

  /** Discovery is asked once for each object. */
  async #pathOf(object: JsonObject): Promise<string> {
    const key = keyOf(object)
    const path = this.#paths.get(key) ?? (await pathOf(this.#cluster, object))
    if (path === undefined)
      throw new Error(`${called(object)}: ${textAt(object, 'apiVersion')} is not served`)
    this.#paths.set(key, path)
    return path
  }
}

function keyOf(object: JsonObject): string {
  const namespace = textAt(objectAt(object, 'metadata'), 'namespace')
  return [textAt(object, 'apiVersion'), textAt(object, 'kind'), namespace, nameOf(object)].join('/')
}

/** Accounts and permissions come before the pods that need them, the webhook last: as with Argo CD, Flux and Helm 4. */
const RANKS = [0, 1, 2] as const

function rankOf({ kind }: JsonObject): (typeof RANKS)[number] {
  if (kind === 'ValidatingWebhookConfiguration') return 2
  return kind === 'Deployment' || kind === 'DaemonSet' ? 1 : 0
}

/** Who wrote which field is no part of a diff. */
function comparable(object: JsonObject): JsonObject {
  const { managedFields: _, ...metadata } = objectAt(object, 'metadata')
  return { ...object, metadata }
}
