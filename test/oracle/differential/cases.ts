import { bytes, tag } from '../../kit/requests/der.ts'
import { sharedKeys } from '../../kit/requests/keys.ts'
import { buildRequest, pemOf, type RequestShape, signedRequest } from '../../kit/requests/request.ts'
import { requestOf } from '../../suite/request.ts'
import { cases, isHonest } from '../../suite/suite.ts'
import { honestShape } from './honest.ts'
import { mutate, mutateGently, mutateOctets, mutatePem, stockOf } from './mutate.ts'
import { type Random, seededRandom } from '../../kit/random.ts'
import { at, leaf, type Node, placesOf, readTree, treeOfRequest, write } from './tree.ts'

/** How a request came to be. */
type Origin =
  | 'honest'
  | 'hostile'
  | 'gently mutated'
  | 'mutated'
  | 'mutated after signing'
  | 'octets changed'
  | 'text changed'

export interface Case {
  /** Repeats the case, but for keys and signatures. */
  readonly seed: number
  readonly origin: Origin
  /** `spec.request`. */
  readonly request: string
}

const hostile = cases.filter((one) => !isHonest(one)).map(requestOf)

/** One case of the seed. Most are an honest request with something changed, signed again. */
export function caseOf(seed: number): Case {
  const random = seededRandom(seed)
  const origin = originOf(random)
  return { seed, origin, request: makers[origin](random) }
}

function originOf(random: Random): Origin {
  const drawn = random.below(100)
  if (drawn < 10) return 'honest'
  if (drawn < 22) return 'hostile'
  if (drawn < 40) return 'gently mutated'
  if (drawn < 82) return 'mutated'
  if (drawn < 88) return 'mutated after signing'
  return drawn < 94 ? 'octets changed' : 'text changed'
}

const makers: Readonly<Record<Origin, (random: Random) => string>> = {
  honest: (random) => buildRequest(honestShape(random)).request,
  hostile: (random) => random.pick(hostile),
  'gently mutated': (random) => {
    const shape = startShape(random)
    const { der, keys } = buildRequest(shape)
    const info = infoOf(der)
    mutateGently(info, random)
    return requestOfDer(signedRequest(write(info), keys, shape))
  },
  mutated: mutatedRequest,
  'mutated after signing': (random) => {
    const root = treeOf(buildRequest(startShape(random)).der)
    mutate(root, 1 + random.below(2), random, stock())
    return requestOfDer(write(root))
  },
  'octets changed': (random) => requestOfDer(mutateOctets(buildRequest(startShape(random)).der, random)),
  'text changed': (random) => base64(mutatePem(buildRequest(startShape(random)).pem, random)),
}

/** Changes the CertificationRequestInfo, then signs: what is judged is the change. */
function mutatedRequest(random: Random): string {
  const shape = startShape(random)
  const { der, keys } = buildRequest(shape)
  const info = infoOf(der)
  // Mostly the subject or the attributes: the public key is long and would draw half of the changes.
  const parts = (info.children ?? []).filter(({ children }, index) => index !== 2 && children !== null)
  mutate(random.percent(70) ? random.pick(parts) : info, random.pick([1, 1, 1, 2, 2, 3]), random, stock())
  return requestOfDer(signedRequest(write(info), keys, shape))
}

/** Honest, but for any key and hash that may be verified. */
function startShape(random: Random): RequestShape {
  const key = sharedKeys(
    random.percent(85) ? 'P-256' : random.pick(['Ed25519', 'P-384', 'RSA-2048', 'RSA of exponent 3']),
  )
  const hash = random.percent(90) ? {} : { hash: random.pick(['sha256', 'sha384', 'sha512'] as const) }
  return { ...honestShape(random), key, ...hash }
}

function treeOf(der: Uint8Array): Node {
  const tree = readTree(der)
  if (tree === null) throw new Error('a built request is not DER')
  return tree
}

function infoOf(der: Uint8Array): Node {
  const [info] = treeOf(der).children ?? []
  if (info === undefined) throw new Error('a request without parts')
  return info
}

/** Characters of a request whose elements are too many of one kind. */
const LARGE = 20_000

let stocked: readonly Node[] | undefined

/** Elements of every hostile request, and of an honest one. */
function stock(): readonly Node[] {
  stocked ??= hostile
    .filter(({ length }) => length < LARGE)
    .flatMap((request) => placesOf(treeOfRequest(request) ?? leaf(tag.null, bytes())).map(at))
    .filter((node) => write(node).length < 200)
    .concat(stockOf(buildRequest().der))
  return stocked
}

const requestOfDer = (der: Uint8Array): string => base64(pemOf(der))
const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64')
