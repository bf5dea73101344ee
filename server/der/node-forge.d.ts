/** The part of node-forge that is used: its ASN.1 layer, without PKI, TLS and crypto. */
declare module 'node-forge/lib/asn1.js' {
  export interface Asn1 {
    readonly tagClass: number
    readonly type: number
    readonly constructed: boolean
    /** Octets as a binary string (UTF-16 code units for a BMPString), or the child elements. */
    readonly value: string | readonly Asn1[]
  }
  interface FromDer {
    readonly strict: true
    readonly parseAllBytes: true
    readonly decodeBitStrings: false
    readonly maxDepth: number
  }
  const asn1: {
    /** @throws if the octets cannot be read */
    fromDer(octets: string, options: FromDer): Asn1
    /** Creates an element of the context (0x80) or universal (0) class. An array holds its children. */
    create(tagClass: number, type: number, constructed: boolean, value: string | readonly Asn1[]): Asn1
    toDer(element: Asn1): { getBytes(): string }
  }
  // oxlint-disable-next-line import/no-default-export -- a CommonJS module has a default export
  export default asn1
}
