/** The PEM blocks of certificates in a text, each as text. What stands around them is ignored. */
export function certificatesIn(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/gu) ?? []
}

/** The octets of one PEM block, unchecked. */
export function derOf(block: string): Buffer {
  return Buffer.from(block.replaceAll(/-----[^-]*-----/gu, ''), 'base64')
}
