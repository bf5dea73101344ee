import type { ControlPlane } from '../../control-plane/control-plane.ts'
import { isObject } from '../../kit/client.ts'
import { CSRS, metadataOf } from '../../kit/kubelet/csr.ts'
import type { JsonObject } from '../../../server/ports.ts'

/** Notes every CSR again at each change; a watch that ends is followed by a list and another. Resolves once all stored are noted. */
export async function watchCsrs(
  cluster: ControlPlane,
  note: (csr: JsonObject) => void,
): Promise<AsyncDisposable> {
  const ended = new AbortController()
  const list = async (): Promise<string> => {
    const { body } = await cluster.adminRequest('GET', CSRS)
    if (Array.isArray(body['items'])) body['items'].filter(isObject).forEach(note)
    return metadataOf(body).resourceVersion
  }
  const follow = async (first: string): Promise<void> => {
    let resourceVersion = first
    while (!ended.signal.aborted) {
      const path = `${CSRS}?watch=1&timeoutSeconds=600&resourceVersion=${resourceVersion}`
      try {
        // Never the last: there is always more to watch.
        await cluster.admin.watch(path, (csr) => (note(csr), false), ended.signal)
      } catch {
        if (!ended.signal.aborted) resourceVersion = await list()
      }
    }
  }
  const following = follow(await list())
  return {
    async [Symbol.asyncDispose]() {
      ended.abort()
      await following
    },
  }
}
