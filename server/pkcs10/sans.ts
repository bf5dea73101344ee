import type { Fault, San, SanKind } from '../../policies/types.ts'
import { fault, readEach } from '../der/faults.ts'
import type { Element } from '../der/read.ts'
import { contextNumber, isConstructed, TAG, tagName } from '../der/tags.ts'

/** Kinds of GeneralName by context tag, RFC 5280 §4.2.1.6: structures are constructed, octets are primitive. */
const kinds: readonly { readonly kind: SanKind; readonly constructed: boolean }[] = [
  { kind: 'otherName', constructed: true },
  { kind: 'rfc822Name', constructed: false },
  { kind: 'dNSName', constructed: false },
  { kind: 'x400Address', constructed: true },
  { kind: 'directoryName', constructed: true },
  { kind: 'ediPartyName', constructed: true },
  { kind: 'uniformResourceIdentifier', constructed: false },
  { kind: 'iPAddress', constructed: false },
  { kind: 'registeredID', constructed: false },
]

/** Kinds whose content is an IA5String, with seven bits per octet. */
const IA5 = new Set<SanKind>(['rfc822Name', 'dNSName', 'uniformResourceIdentifier'])

/** Reads all names in order. Go skips unknown tags, such as a constructed dNSName. Here an unknown tag is a fault. */
export function readSans(names: Element): readonly San[] | Fault {
  if (names.tag !== TAG.sequence)
    return fault('SanMalformed', names.at, 'the subjectAltName is not a sequence')
  return readEach(names.children, readSan)
}

function readSan({ tag, at, content }: Element): San | Fault {
  const known = kinds[contextNumber(tag) ?? kinds.length]
  if (known === undefined) return fault('SanMalformed', at, `a ${tagName(tag)} in place of a general name`)
  if (known.constructed !== isConstructed(tag)) {
    return fault('SanMalformed', at, `a ${known.kind} in the wrong form, primitive or constructed`)
  }
  const octets = Buffer.from(content.buffer, content.byteOffset, content.length)
  if (!IA5.has(known.kind)) return { kind: known.kind, value: octets.toString('hex'), at }
  if (content.some((octet) => octet > 0x7f)) {
    return fault('SanMalformed', at, `a ${known.kind} with an octet above 7F`)
  }
  return { kind: known.kind, value: octets.toString('latin1'), at }
}
