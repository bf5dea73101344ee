/** The least that a Fastify webhook can do: allow everything. A process of its own: `always-yes.ts PORT CERT KEY`. */
import { readFile } from 'node:fs/promises'
import fastify from 'fastify'

const [port = '', cert = '', key = ''] = process.argv.slice(2)
const app = fastify({ https: { cert: await readFile(cert), key: await readFile(key) } })
app.post<{ Body: { request: { uid: string } } }>('/validate', async ({ body }) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response: { uid: body.request.uid, allowed: true },
}))
await app.listen({ host: '127.0.0.1', port: Number(port) })
