import type { Fault, RequestAttribute, RequestExtension, San } from '../../policies/types.ts'
import { fault, isFault, readEach } from '../der/faults.ts'
import { dotted } from '../der/content.ts'
import { type Element, checkOrder, sequenceOf, readInside, type Source } from '../der/read.ts'
import { TAG } from '../der/tags.ts'
import { readSans } from './sans.ts'

/** PKCS#9, RFC 2985 §5.4.2. */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
/** RFC 5280 §4.2.1.6. */
const SUBJECT_ALT_NAME = '2.5.29.17'
/** `[0] IMPLICIT SET OF Attribute`, RFC 2986 §4.1. */
const ATTRIBUTES = 0xa0

export interface Attributes {
  readonly attributes: readonly RequestAttribute[]
  readonly extensions: readonly RequestExtension[]
  readonly sans: readonly San[]
}

interface Extension extends RequestExtension {
  readonly sans: readonly San[]
}

/**
 * Reads every attribute, and every extension of every value of every extensionRequest. Go reads only the first value of
 * an attribute, and skips an attribute that it cannot parse. Here nothing is skipped.
 */
export function readAttributes(list: Element, source: Source): Attributes | Fault {
  if (list.tag !== ATTRIBUTES) return fault('InfoMalformed', list.at, 'the attributes are not tagged [0]')
  const unsorted = checkOrder(list.children, source.der)
  if (unsorted) return unsorted
  const attributes = readEach(list.children, readAttribute)
  if (isFault(attributes)) return attributes
  const requested = attributes.flatMap(({ oid, set }) => (oid === EXTENSION_REQUEST ? set.children : []))
  const extensions = readEach(requested, (value) => readExtensions(value, source))
  if (isFault(extensions)) return extensions
  return {
    attributes: attributes.map(({ oid, set, at }) => ({ oid, values: set.children.length, at })),
    extensions: extensions.flat().map(({ oid, critical, at }) => ({ oid, critical, at })),
    sans: extensions.flat().flatMap(({ sans }) => sans),
  }
}

function readAttribute(attribute: Element): { oid: string; set: Element; at: number } | Fault {
  const pair = sequenceOf(attribute, TAG.oid, TAG.set)
  if (!pair)
    return fault('AttributeMalformed', attribute.at, 'an attribute is not a type and a set of values')
  const [type, set] = pair
  return { oid: dotted(type), set, at: attribute.at }
}

function readExtensions(value: Element, source: Source): readonly Extension[] | Fault {
  if (value.tag !== TAG.sequence) {
    return fault('ExtensionsMalformed', value.at, 'a value of the extensionRequest is not a sequence')
  }
  return readEach(value.children, (extension) => readExtension(extension, source))
}

/** `SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`, RFC 5280 §4.1. */
function readExtension(extension: Element, source: Source): Extension | Fault {
  const critical = sequenceOf(extension, TAG.oid, TAG.boolean, TAG.octetString)
  const plain = sequenceOf(extension, TAG.oid, TAG.octetString)
  const [type, value] = critical ? [critical[0], critical[2]] : (plain ?? [])
  if (!type || !value) {
    return fault('ExtensionsMalformed', extension.at, 'an extension is not a type, criticality and value')
  }
  if (critical?.[1].content[0] === 0) {
    return fault('DefaultEncoded', critical[1].at, 'a criticality of FALSE is encoded')
  }
  const inside = readInside(source, value)
  if (isFault(inside)) return inside
  const oid = dotted(type)
  const sans = oid === SUBJECT_ALT_NAME ? readSans(inside) : []
  return isFault(sans) ? sans : { oid, critical: critical !== null, at: extension.at, sans }
}
