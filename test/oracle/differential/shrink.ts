import { sharedKeys } from '../../kit/requests/keys.ts'
import { pemOf, signedRequest } from '../../kit/requests/request.ts'
import { bytes } from '../../kit/requests/der.ts'
import { at, type Node, type Place, placesOf, replace, treeOfRequest, write } from './tree.ts'

/** Whether a request still shows what is being shrunk. */
export type Shows = (request: string) => Promise<boolean>

/** Attempts of one shrinking, each a question to the oracle: seconds at most. */
const ATTEMPTS = 2_000

/** Smaller: without an element, with its children in its place, with less content. */
const reductions: readonly ((place: Place) => void)[] = [
  (place) => replace(place),
  (place) => replace(place, ...(at(place).children ?? [at(place)])),
  (place) => void (at(place).content = bytes()),
  (place) => void (at(place).content = at(place).content.slice(0, Math.floor(at(place).content.length / 2))),
  (place) => void (at(place).content = at(place).content.slice(1)),
]

/**
 * The smallest request found that still shows it: elements of what is requested are taken away as long as a request
 * signed anew shows it too. One that is not DER, or shows it only as it was signed, stays as it is.
 */
export async function shrink(request: string, shows: Shows): Promise<string> {
  const tree = treeOfRequest(request)
  const [info] = tree?.children ?? []
  if (info === undefined || !(await shows(signed(info)))) return request
  let best = info
  for (let attempts = 0, improved = true; improved && attempts < ATTEMPTS; ) {
    improved = false
    for (const smaller of smallerThan(best)) {
      attempts += 1
      if (attempts > ATTEMPTS || !(await shows(signed(smaller)))) continue
      best = smaller
      improved = true
      break
    }
  }
  return signed(best)
}

function* smallerThan(info: Node): Generator<Node> {
  const size = write(info).length
  for (let index = 0; index < placesOf(info).length; index += 1) {
    for (const reduce of reductions) {
      const copy = structuredClone(info)
      const place = placesOf(copy)[index]
      if (place === undefined) return
      reduce(place)
      if (write(copy).length < size) yield copy
    }
  }
}

/** By P-256, the key being in the request: where the public key was another, that was not what mattered. */
function signed(info: Node): string {
  const der = signedRequest(write(info), sharedKeys('P-256'))
  return Buffer.from(pemOf(der), 'latin1').toString('base64')
}
