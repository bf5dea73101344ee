/** The little of node-forge that is used: its ASN.1 layer alone, without its PKI, TLS and crypto. */
declare module 'node-forge/lib/asn1.js' {
  export interface Asn1 {
    readonly tagClass: number
    readonly type: number
    readonly constructed: boolean
    /** Octets as a binary string (UTF-16 code units of a BMPString), or the elements inside. */
    readonly value: string | readonly Asn1[]
  }
  interface FromDer {
    readonly strict: true
    readonly parseAllBytes: true
    readonly decodeBitStrings: false
    readonly maxDepth: number
  }
  const asn1: {
    /** Throws on what it cannot read. */
    fromDer(octets: string, options: FromDer): Asn1
    /** A context class (0x80) or universal (0) element; arrays are the elements inside. */
    create(tagClass: number, type: number, constructed: boolean, value: string | readonly Asn1[]): Asn1
    toDer(element: Asn1): { getBytes(): string }
  }
  // oxlint-disable-next-line import/no-default-export -- how a CommonJS module looks from here
  export default asn1
}
