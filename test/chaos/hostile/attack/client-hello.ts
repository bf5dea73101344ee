/** A ClientHello of TLS 1.3, RFC 8446 §4.1.2, since Node's own client sends no early data and no half of one. */
import { randomBytes } from 'node:crypto'
import { ascii, type Bytes, bytes, join } from '../../../kit/requests/der.ts'

export interface Hello {
  readonly name: string
  /** With a ticket that nobody issued, and the word that early data follows. */
  readonly early?: boolean
}

/** A length in so many octets, and what has it. */
function vector(octets: 1 | 2 | 3, content: Bytes): Bytes {
  const length = Array.from({ length: octets }, (_, at) => (content.length >> (8 * (octets - 1 - at))) & 255)
  return join([bytes(...length), content])
}

const extension = (type: number, content: Bytes): Bytes =>
  join([bytes(type >> 8, type & 255), vector(2, content)])

const serverName = (name: string): Bytes => extension(0, vector(2, join([bytes(0), vector(2, ascii(name))])))

/** pre_shared_key is the last extension: a ticket of 100 bytes, its age, and a binder of 32. */
function earlyData(): readonly Bytes[] {
  const ticket = join([vector(2, randomBytes(100)), bytes(0, 0, 0, 1)])
  const binder = vector(1, randomBytes(32))
  return [extension(42, bytes()), extension(41, join([vector(2, ticket), vector(2, binder)]))]
}

export function clientHello({ name, early = false }: Hello): Bytes {
  const extensions = [
    serverName(name),
    // supported_groups: x25519; signature_algorithms: ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256
    extension(10, vector(2, bytes(0, 29))),
    extension(13, vector(2, bytes(4, 3, 8, 4))),
    // supported_versions: 1.3; psk_key_exchange_modes: psk_dhe_ke; key_share: any 32 octets are a key
    extension(43, vector(1, bytes(3, 4))),
    extension(45, vector(1, bytes(1))),
    extension(51, vector(2, join([bytes(0, 29), vector(2, randomBytes(32))]))),
    ...(early ? earlyData() : []),
  ]
  const body = join([
    bytes(3, 3),
    randomBytes(32),
    vector(1, randomBytes(32)),
    // TLS_AES_128_GCM_SHA256; no compression
    vector(2, bytes(0x13, 1)),
    vector(1, bytes(0)),
    vector(2, join(extensions)),
  ])
  const handshake = join([bytes(1), vector(3, body)])
  return join([bytes(22, 3, 1), vector(2, handshake)])
}

/** A record of application data of 16 KB that no key decrypts. */
export const EARLY_RECORD: Bytes = join([bytes(23, 3, 3), vector(2, randomBytes(16_384))])
