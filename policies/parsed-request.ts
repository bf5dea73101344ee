/** What a PKCS#10 request says, as plain JSON. */

/** One attribute of a subject. `at` is its byte offset in the DER, here and below. */
export interface SubjectAttribute {
  /** Dotted, such as 2.5.4.3. */
  readonly oid: string
  /** The ASN.1 string type: PrintableString, UTF8String, or another's name. */
  readonly encoding: string
  readonly value: string
  readonly at: number
}

/** A subject alternative name. `value`: characters of a dNSName, an `Address` (types.ts) for an iPAddress of 4 or 16 octets, else the hex of the content. */
export interface San {
  readonly kind: SanKind
  readonly value: string
  readonly at: number
}

/** RFC 5280 §4.2.1.6, GeneralName, by context tag 0 to 8. */
export type SanKind =
  | 'otherName'
  | 'rfc822Name'
  | 'dNSName'
  | 'x400Address'
  | 'directoryName'
  | 'ediPartyName'
  | 'uniformResourceIdentifier'
  | 'iPAddress'
  | 'registeredID'

/** An attribute of the CertificationRequestInfo, RFC 2986 §4.1; `values` is how many its SET holds. */
export interface RequestAttribute {
  readonly oid: string
  readonly values: number
  readonly at: number
}

/** An extension of any extensionRequest, RFC 5280 §4.2. */
export interface RequestExtension {
  readonly oid: string
  readonly critical: boolean
  readonly at: number
}

export type PublicKey =
  | {
      readonly type: 'RSA'
      readonly bits: number
      /** In decimal. */
      readonly exponent: string
      /** A prime below 752 that divides the modulus, if one does. */
      readonly divisor?: number
      readonly at: number
    }
  | {
      readonly type: 'ECDSA'
      readonly curve: 'P-256' | 'P-384' | 'P-521'
      readonly bits: number
      readonly at: number
    }
  | { readonly type: 'Ed25519'; readonly bits: 256; readonly at: number }
  /** Anything else, called by the name a person knows: `ML-DSA-65`, `P-224`, `explicit EC parameters`, an OID. */
  | { readonly type: 'unsupported'; readonly name: string; readonly at: number }

/** What the PKCS#10 request says, every part of it. */
export interface ParsedRequest {
  readonly readable: true
  /** The relative distinguished names in order; each has one attribute unless multi-valued. */
  readonly subject: readonly (readonly SubjectAttribute[])[]
  readonly attributes: readonly RequestAttribute[]
  readonly extensions: readonly RequestExtension[]
  /** How many subjectAltName extensions there are is in `extensions`; their names are here, in order. */
  readonly sans: readonly San[]
  readonly key: PublicKey
  readonly signature: {
    /** Such as `ECDSA-SHA256`, or the OID. */
    readonly algorithm: string
    /** Whether the algorithm can be made by that type of key. */
    readonly fitsKey: boolean
    /** True only after `parse` verified it; the service leaves that to the API server. A wrong signature is then a {@link Fault}. */
    readonly verified: boolean
    readonly at: number
  }
  /** SHA-256 of the SubjectPublicKeyInfo, hex. */
  readonly spkiSha256: string
}

/** Why a request cannot be read. `at` is the byte offset in what was being read (PEM text before the DER starts, else DER). */
export interface Fault {
  readonly readable: false
  readonly code: string
  readonly at: number
  readonly message: string
}
