import type { Fault, SubjectAttribute } from '../../policies/types.ts'
import { fault, readEach } from '../der/faults.ts'
import { dotted } from '../der/content.ts'
import { type Element, ANY, sequenceOf } from '../der/read.ts'
import { TAG, tagName } from '../der/tags.ts'

type Rdn = readonly SubjectAttribute[]

/** Reads a Name, RFC 5280 §4.1.2.4: every RDN with all its attributes. The checks decide which are allowed. */
export function readSubject(name: Element): readonly Rdn[] | Fault {
  if (name.tag !== TAG.sequence) return fault('SubjectMalformed', name.at, 'the subject is not a sequence')
  return readEach(name.children, readRdn)
}

function readRdn(rdn: Element): Rdn | Fault {
  if (rdn.tag !== TAG.set) {
    return fault('SubjectMalformed', rdn.at, 'a relative distinguished name is not a set')
  }
  if (rdn.children.length === 0) {
    return fault('SubjectMalformed', rdn.at, 'a relative distinguished name is empty')
  }
  return readEach(rdn.children, readAttribute)
}

function readAttribute(attribute: Element): SubjectAttribute | Fault {
  const pair = sequenceOf(attribute, TAG.oid, ANY)
  if (!pair)
    return fault('SubjectMalformed', attribute.at, 'an attribute of the subject is not a type and a value')
  const [type, value] = pair
  return { oid: dotted(type), encoding: tagName(value.tag), value: readString(value), at: attribute.at }
}

const utf16 = new TextDecoder('utf-16be')

/** The text of a string type, as Go reads it. Hex for any other type. */
function readString({ tag, content }: Element): string {
  const octets = Buffer.from(content.buffer, content.byteOffset, content.length)
  switch (tag) {
    case TAG.utf8String:
      return octets.toString('utf8')
    case TAG.bmpString:
      return utf16.decode(content)
    case TAG.numericString:
    case TAG.printableString:
    case TAG.teletexString:
    case TAG.ia5String:
    case TAG.visibleString:
      return octets.toString('latin1')
    default:
      return octets.toString('hex')
  }
}
