// What each script of this folder begins with: the API server, as a pod reaches it. NODE_EXTRA_CA_CERTS names its CA.
import { readFileSync } from 'node:fs'

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, TOKEN_FILE: tokenFile } = process.env
const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
/** More than a webhook's longest timeout, 30 s. */
const ANSWER_MS = 40_000

/** Rejects when there is no answer. */
async function ask(method, path, body) {
  const answer = await fetch(server + path, {
    method,
    headers: {
      authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
      'content-type': 'application/json',
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_MS),
  })
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}

/** The last line is also the pod's termination message, which needs no kubelet to be read. */
function end(isWell, line) {
  console.log(line)
  process.exitCode = isWell ? 0 : 1
}
