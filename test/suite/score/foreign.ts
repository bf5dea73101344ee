// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 wants this polyfill before it loads
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { ownerOf } from './owners.ts'

const NODE_USER = 'system:node:'

/**
 * What a certificate says that is not its requester's own: another's name, address or identity, or more than a
 * server may. Empty when whoever holds it is, to every TLS client, only the node that it is anyway.
 */
export function foreignIn(pem: string, user: string): readonly string[] {
  const certificate = new x509.X509Certificate(pem)
  const said = [...identityIn(certificate), ...namesIn(certificate), ...powersIn(certificate)]
  if (!user.startsWith(NODE_USER)) return said.map(({ text }) => text)
  const node = user.slice(NODE_USER.length)
  const isOwn = ({ owner, text }: Said) =>
    owner === node || text === `CN:${user}` || text === 'O:system:nodes'
  return said.filter((each) => !isOwn(each)).map(({ text }) => text)
}

/** One thing that a certificate says, and the node that it is true of. */
interface Said {
  readonly text: string
  readonly owner?: string | undefined
}

/** What Kubernetes reads as user and groups. Nobody reads the rest of a subject, so it makes nobody another. */
function identityIn({ subjectName }: x509.X509Certificate): Said[] {
  const read = (type: string) => subjectName.getField(type).map((value) => ({ text: `${type}:${value}` }))
  return [...read('CN'), ...read('O')]
}

function namesIn(certificate: x509.X509Certificate): Said[] {
  const extension = certificate.getExtension(x509.SubjectAlternativeNameExtension)
  return (extension?.names.items ?? []).map(({ type, value }) => ({
    text: `${type === 'ip' ? 'IP' : type.toUpperCase()}:${value}`,
    // A Node that is no more, or never was, is still the only one of its name.
    owner: type === 'dns' || type === 'ip' ? (ownerOf(value) ?? value) : undefined,
  }))
}

function powersIn(certificate: x509.X509Certificate): Said[] {
  const usages = certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? []
  const isCa = certificate.getExtension(x509.BasicConstraintsExtension)?.ca === true
  return [
    ...usages
      .filter((usage) => usage !== x509.ExtendedKeyUsage.serverAuth)
      .map((usage) => ({ text: `EKU:${String(usage)}` })),
    ...(isCa ? [{ text: 'CA:true' }] : []),
  ]
}
