import { type Bytes, ascii, bytes, hex, join, lengthOctets, paddedLength } from '../../kit/requests/der.ts'
import type { Random } from '../../kit/random.ts'
import { at, branch, leaf, type Node, type Place, placesOf, readTree, replace } from './tree.ts'

/** Changes one thing at a place in the tree. */
type Mutation = (place: Place, random: Random, stock: readonly Node[]) => void

/** Identifier octets worth trying: all of a request's, their other form, and some that do not belong. */
const IDENTIFIERS = Array.from(
  hex(
    '01 02 03 04 05 06 0c 12 13 14 16 1a 1c 1e 30 31' +
      '80 81 82 83 84 85 86 87 88 a0 a1 a2 a3 a4 a5 a7' +
      '00 0a 10 17 1b 22 24 2c 33 89 9e a9 be 42 c2',
  ),
  (identifier) => bytes(identifier),
)

const TEXTS = [
  'kubernetes',
  'kubernetes.default.svc',
  '*',
  '*.lan',
  'NODE-1',
  'node-1.',
  'a\0b',
  '10.0.0.1',
  'x_y',
  'é',
  '',
].map((text) => ascii(text))
const VALUES = [
  '',
  '00',
  'ff',
  '0000',
  '0001',
  '7f',
  '80',
  '0a000001',
  '00000000000000000000ffff0a000001',
  '550403',
  '551d11',
].map(hex)

const elsewhere = (stock: readonly Node[], random: Random): Node => structuredClone(random.pick(stock))

const mutations: readonly Mutation[] = [
  (place) => replace(place),
  (place) => replace(place, at(place), structuredClone(at(place))),
  (place, random, stock) => replace(place, elsewhere(stock, random)),
  (place, random, stock) => replace(place, at(place), elsewhere(stock, random)),
  (place, random, stock) => replace(place, elsewhere(stock, random), at(place)),
  swapWithNext,
  (place, random) => void (at(place).identifier = random.pick(IDENTIFIERS)),
  (place, random) => void (at(place).identifier = random.pick(IDENTIFIERS)),
  flipForm,
  (place, random) => void (at(place).length = wrongLength(at(place), random)),
  (place, random) => void (at(place).length = wrongLength(at(place), random)),
  (place, random) => replace(place, branch(random.pick([0x30, 0x31, 0xa0, 0xa2, 0x24]), [at(place)])),
  (place) => replace(place, ...(at(place).children ?? [])),
  changeContent,
  changeContent,
  changeContent,
  sortOrNot,
]

/** Changes the tree at `count` random places. `stock` is what may be put in. */
export function mutate(root: Node, count: number, random: Random, stock: readonly Node[]): void {
  for (let made = 0; made < count; made += 1) {
    const places = placesOf(root)
    if (places.length === 0) return
    random.pick(mutations)(random.pick(places), random, stock)
  }
}

/** Changes that leave a request acceptable, nearly always: another name, order, number, string type, criticality. */
const gentle: Readonly<Record<number, readonly Mutation[]>> = {
  0x13: [(place) => void (at(place).identifier = bytes(0x0c))],
  0x82: [
    anotherLetter,
    (place) => replace(place),
    (place) => replace(place, at(place), at(place)),
    swapWithNext,
  ],
  0x87: [
    (place, random) =>
      void (at(place).content = oneOctet(() => random.below(256))(at(place).content, random)),
    (place) => replace(place, at(place), at(place)),
    swapWithNext,
  ],
  0x04: [(place) => replace(place, leaf(0x01, bytes(0xff)), at(place))],
}

export function mutateGently(root: Node, random: Random): void {
  const places = placesOf(root).filter((place) => gentlyAt(place) !== undefined)
  for (const place of random.percent(50) ? [random.pick(places)] : places.slice(-1)) {
    random.pick(gentlyAt(place) ?? [])(place, random, [])
  }
}

const gentlyAt = (place: Place): readonly Mutation[] | undefined => gentle[at(place).identifier[0] ?? 0]

function anotherLetter(place: Place, random: Random): void {
  at(place).content = oneOctet(() => 0x61 + random.below(26))(at(place).content, random)
}

function swapWithNext({ parent, index }: Place): void {
  const [first, second] = parent.children.splice(index, 2)
  parent.children.splice(index, 0, ...[second, first].filter((node) => node !== undefined))
}

function flipForm(place: Place): void {
  const node = at(place)
  node.identifier = node.identifier.with(0, (node.identifier[0] ?? 0) ^ 0x20)
}

function wrongLength(node: Node, random: Random): Bytes {
  const length = node.children === null ? node.content.length : 10
  switch (random.below(5)) {
    case 0:
      return bytes(0x80)
    case 1:
      return paddedLength(length, 1 + random.below(5))
    case 2:
      return lengthOctets(length + 1)
    case 3:
      return lengthOctets(Math.max(0, length - 1))
    default:
      return hex(random.pick(['ff', '84ffffffff', '8300ffff', '88', '82ffff']))
  }
}

function changeContent(place: Place, random: Random): void {
  const node = at(place)
  if (node.children !== null) {
    sortOrNot(place, random)
    return
  }
  node.content = changed(node.content, random)
}

const changed = (content: Bytes, random: Random): Bytes => random.pick(changes)(content, random)

type Change = (content: Bytes, random: Random) => Bytes

const odd = (random: Random): Bytes => bytes(random.pick([0, 1, 0x2a, 0x2e, 0x80, 0xff]))

/** One octet made another by `change`; a first one where there is none. */
const oneOctet =
  (change: (octet: number, random: Random) => number): Change =>
  (content, random) => {
    if (content.length === 0) return bytes(random.below(256))
    const index = random.below(content.length)
    return content.with(index, change(content[index] ?? 0, random))
  }

const changes: readonly Change[] = [
  (_, random) => random.pick(TEXTS),
  (_, random) => random.pick(VALUES),
  (content, random) => join([content, odd(random)]),
  (content, random) => join([odd(random), content]),
  (content) => content.slice(0, -1),
  oneOctet((octet, random) => octet ^ (1 << random.below(8))),
  oneOctet((_, random) => random.below(256)),
  // Still a letter: a name that is another's.
  oneOctet((_, random) => 0x61 + random.below(26)),
]

function sortOrNot({ parent }: Place, random: Random): void {
  if (random.percent(50)) parent.children.reverse()
  else parent.children.sort((left, right) => Buffer.compare(left.content, right.content))
}

/** Changes some octets of DER, whatever they are. */
export function mutateOctets(der: Bytes, random: Random): Bytes {
  const index = random.below(der.length)
  switch (random.below(4)) {
    case 0:
      return der.with(index, random.below(256))
    case 1:
      return join([der.slice(0, index), der.slice(index + 1)])
    case 2:
      return join([der.slice(0, index), bytes(random.below(256)), der.slice(index)])
    default:
      return der.slice(0, index)
  }
}

/** Changes PEM text: what a lenient reader would overlook, and what it would not. */
export function mutatePem(pem: string, random: Random): string {
  const index = random.below(pem.length)
  const insert = random.pick([
    '\n',
    '\r',
    ' ',
    '\t',
    '\0',
    ':',
    '-',
    '=',
    'A',
    '-----BEGIN CERTIFICATE REQUEST-----\n',
    '\n-----END ',
  ])
  switch (random.below(6)) {
    case 0:
      return pem.slice(0, index) + insert + pem.slice(index)
    case 1:
      return pem.slice(0, index) + pem.slice(index + 1)
    case 2:
      return insert + pem
    case 3:
      return pem + insert
    case 4:
      return pem.replaceAll('\n', random.pick(['\r\n', '\n\n', ' \n', '']))
    default:
      return pem + pem
  }
}

/** Reads DER into stock: the element and all in it. */
export function stockOf(der: Bytes): Node[] {
  const root = readTree(der)
  if (root === null) return [leaf(0x04, der)]
  return [root, ...placesOf(root).map(at)]
}
