/** Who asks: by client certificate, by a token that was handed out, and as whom an administrator impersonates. */
import { createHash, X509Certificate } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { Refusal } from './refusal.ts'

export interface User {
  readonly username: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

const AUTHENTICATED = 'system:authenticated'
/** k8s.io/apiserver/pkg/authentication/user: with a client certificate, the SHA-256 of its DER. */
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id'

/** @param tokens users by the token that each was given */
export function authenticate(request: IncomingMessage, tokens: ReadonlyMap<string, User>): User {
  const user = bearer(request, tokens) ?? certified(request)
  if (user === undefined) throw new Refusal(401, 'Unauthorized', 'Unauthorized')
  return impersonated(request, user)
}

/** Of a service account, as the API server authenticates its token. */
export function serviceAccountUser(namespace: string, name: string, uid: string): User {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, AUTHENTICATED],
    extra: { [CREDENTIAL_ID]: [`JTI=${uid}`] },
  }
}

function bearer({ headers }: IncomingMessage, tokens: ReadonlyMap<string, User>): User | undefined {
  const token = /^Bearer (.+)$/u.exec(headers.authorization ?? '')?.[1]
  return token === undefined ? undefined : tokens.get(token)
}

function certified({ socket }: IncomingMessage): User | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const { raw } = socket.getPeerCertificate()
  const subject = new X509Certificate(raw).toLegacyObject().subject
  const [username] = valuesOf(subject.CN)
  if (username === undefined) return undefined
  return {
    username,
    groups: [...valuesOf(subject.O), AUTHENTICATED],
    extra: { [CREDENTIAL_ID]: [`X509SHA256=${createHash('sha256').update(raw).digest('hex')}`] },
  }
}

/** Node gives one value as a text, several as a list, whatever its types say. */
function valuesOf(value: unknown): readonly string[] {
  return [value].flat().filter((one) => typeof one === 'string')
}

function impersonated({ headersDistinct }: IncomingMessage, user: User): User {
  const { 'impersonate-user': users, 'impersonate-group': groups = [] } = headersDistinct
  const username = users?.[0]
  if (username === undefined) return user
  if (!user.groups.includes('system:masters'))
    throw new Refusal(
      403,
      'Forbidden',
      `users "${username}" is forbidden: User "${user.username}" cannot impersonate`,
    )
  return { username, groups: [...new Set([...groups, AUTHENTICATED])] }
}
