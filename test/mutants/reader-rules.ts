import type { Edit } from './change.ts'

/** One rule of the reader, and the edit that takes it away. */
interface RemovedRule extends Edit {
  /** The rule, as in `faultRules`, and what is no longer refused. */
  readonly rule: string
}

export const removedRules: readonly RemovedRule[] = [
  {
    rule: 'NotDer: whatever node-forge can read',
    file: 'server/der/read.ts',
    find: 'if (written === octets)',
    replace: 'if (true)',
  },
  {
    rule: 'NotDer: octets after the element',
    file: 'server/der/read.ts',
    find: 'parseAllBytes: true,',
    replace: 'parseAllBytes: false,',
  },
  {
    rule: 'TooDeep: no bound on nesting',
    file: 'server/der/read.ts',
    find: '0 : levels',
    replace: '0 : 100_000',
  },
  {
    rule: 'TooManyElements: no bound on their number',
    file: 'server/der/read.ts',
    find: 'budget.elements -= 1',
    replace: '',
  },
  {
    rule: 'TagForbidden: any tag',
    file: 'server/der/tags.ts',
    find: 'if (isAllowed(tag)) return undefined',
    replace: 'if (isAllowed(tag) || !isAllowed(tag ^ CONSTRUCTED)) return undefined',
  },
  {
    rule: 'FormWrong: constructed strings',
    file: 'server/der/tags.ts',
    find: 'if (isAllowed(tag)) return undefined',
    replace: 'if (isAllowed(tag) || isAllowed(tag ^ CONSTRUCTED)) return undefined',
  },
  {
    rule: 'BooleanNotCanonical: any octet is true',
    file: 'server/der/content.ts',
    find: 'octet === 0x00 || octet === 0xff',
    replace: 'true',
  },
  {
    rule: 'OidMalformed: arcs of any size',
    file: 'server/der/content.ts',
    find: 'if (arc > MAX_ARC) return false',
    replace: '',
  },
  {
    rule: 'OidMalformed: padded arcs',
    file: 'server/der/content.ts',
    find: 'if (begins && octet === 0x80) return false',
    replace: '',
  },
  {
    rule: 'SetUnsorted: any order, any repetition',
    file: 'server/der/read.ts',
    find: 'before !== undefined &&',
    replace: 'before !== undefined && false &&',
  },
  {
    rule: 'exactly these elements: more may follow, as Go has it',
    file: 'server/der/read.ts',
    find: 'children.length === tags.length && children.every(({ tag }, index) => tags[index] === ANY || tags[index] === tag)',
    replace:
      'tags.every((tag, index) => children[index] !== undefined && (tag === ANY || tag === children[index].tag))',
  },
  {
    rule: 'SanMalformed: a constructed dNSName is a dNSName',
    file: 'server/pkcs10/sans.ts',
    find: 'known.constructed !== isConstructed(tag)',
    replace: 'false',
  },
  {
    rule: 'SanMalformed: eight bits in a dNSName',
    file: 'server/pkcs10/sans.ts',
    find: 'content.some((octet) => octet > 0x7f)',
    replace: 'false',
  },
  {
    rule: 'DefaultEncoded: a criticality of FALSE is encoded',
    file: 'server/pkcs10/attributes.ts',
    find: 'critical?.[1].content[0] === 0',
    replace: 'critical?.[1].content[0] === 7',
  },
  {
    rule: 'KeyMalformed: compressed and hybrid points',
    file: 'server/pkcs10/key.ts',
    find: 'content[1] !== 4 || content.length !== 2 + 2 * octets',
    replace: 'content.length < 2 + octets',
  },
  {
    rule: 'AlgorithmMalformed: any parameters of a signature',
    file: 'server/pkcs10/algorithm.ts',
    find: "if (parameters?.tag === (scheme.key === 'RSA' ? TAG.null : undefined)) return scheme",
    replace: 'if (parameters !== null) return scheme',
  },
  {
    rule: 'SignatureInvalid: a signature is believed',
    file: 'server/pkcs10/signature.ts',
    find: 'if (verify(scheme.hash, signed.message, verifier, octets))',
    replace: 'if (verify(scheme.hash, signed.message, verifier, octets) || true)',
  },
  {
    rule: 'VersionUnsupported: any version',
    file: 'server/pkcs10/request.ts',
    find: 'version.content.length !== 1 || version.content[0] !== 0',
    replace: 'false',
  },
  {
    rule: 'PemTrailing: anything may follow the block',
    file: 'server/der/pem.ts',
    find: "text.length > after && text.slice(after) !== '\\n'",
    replace: 'false',
  },
  {
    rule: 'PemMissing: anything may come before the block',
    file: 'server/der/pem.ts',
    find: 'if (!text.startsWith(BEGIN)) return',
    replace: 'text = text.slice(Math.max(0, text.indexOf(BEGIN)))\n  if (false) return',
  },
  {
    rule: 'PemNotCanonical: lines of any length, and what base64 skips',
    file: 'server/der/pem.ts',
    find: 'if (canonical !== body)',
    replace: 'if (false)',
  },
  {
    rule: 'every extensionRequest: the first attribute alone is read, as node-forge has it',
    file: 'server/pkcs10/attributes.ts',
    find: 'const requested = attributes.flatMap(',
    replace: 'const requested = attributes.slice(0, 1).flatMap(',
  },
]
