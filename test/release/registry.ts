import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type IncomingMessage, request as forward, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { startChild } from '../kit/child.ts'
import { createAuthority } from '../kit/pki.ts'
import { freePort } from '../kit/ports.ts'
import { untilReady } from '../kit/ready.ts'

export interface Registry extends AsyncDisposable {
  /** `localhost:<port>`: HTTPS, every request needs the password. */
  readonly host: string
  /** The certificate of its authority, as a file for `SSL_CERT_FILE`. */
  readonly authority: string
  readonly user: string
  readonly password: string
  /** A manifest or blob of a repository; rejects when it is not there. */
  read(repository: string, kind: 'manifests' | 'blobs', reference: string): Promise<Buffer>
}

const READY_MS = 10_000
const USER = 'publisher'
const PASSWORD = 'secret'
const AUTHORIZATION = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`

/** crane's registry, in memory, behind a proxy that adds TLS and a password. */
export async function startRegistry(crane: string, folder: string): Promise<Registry> {
  const port = await freePort()
  const args = ['registry', 'serve', '--address', `127.0.0.1:${port}`]
  const child = startChild({ name: 'registry', path: crane, args, logFile: join(folder, 'registry.log') })
  await untilReady(child, `http://127.0.0.1:${port}/v2/`, READY_MS)
  const authority = await createAuthority('registry')
  const { certPem, keyPem } = await authority.issue({ commonName: 'localhost', names: ['localhost'] })
  const front = createServer({ cert: certPem, key: keyPem }, (incoming, answer) =>
    pass(port, incoming, answer),
  )
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  const address = front.address()
  const path = join(folder, 'authority.pem')
  await writeFile(path, authority.certPem)
  return {
    host: `localhost:${typeof address === 'object' ? address?.port : ''}`,
    authority: path,
    user: USER,
    password: PASSWORD,
    async read(repository, kind, reference) {
      const response = await fetch(`http://127.0.0.1:${port}/v2/${repository}/${kind}/${reference}`)
      if (!response.ok) throw new Error(`${repository}: no ${kind} ${reference}: ${response.status}`)
      return Buffer.from(await response.arrayBuffer())
    },
    async [Symbol.asyncDispose]() {
      front.closeAllConnections()
      front.close()
      await child.stop()
    },
  }
}

function pass(port: number, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, url: path, headers } = incoming
  if (headers.authorization !== AUTHORIZATION) {
    answer.writeHead(401, { 'www-authenticate': 'Basic realm="registry"' }).end()
    return
  }
  const onward = forward({ host: '127.0.0.1', port, method, path, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(answer)
  })
  onward.on('error', () => answer.destroy())
  incoming.pipe(onward)
}
