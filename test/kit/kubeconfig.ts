import { writeFile } from 'node:fs/promises'
import type { Credentials } from './client.ts'

/** Writes a kubeconfig with everything inline, readable by the owner only. JSON is YAML, too. */
export async function writeKubeconfig(path: string, url: string, credentials: Credentials): Promise<string> {
  const base64 = (text: string | undefined) =>
    text === undefined ? undefined : Buffer.from(text).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'cluster',
    contexts: [{ name: 'cluster', context: { cluster: 'cluster', user: 'user' } }],
    clusters: [
      { name: 'cluster', cluster: { server: url, 'certificate-authority-data': base64(credentials.caPem) } },
    ],
    users: [
      {
        name: 'user',
        user: {
          'client-certificate-data': base64(credentials.certPem),
          'client-key-data': base64(credentials.keyPem),
          token: credentials.token,
        },
      },
    ],
  }
  await writeFile(path, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  return path
}
