// The beginning of each script in this folder: requests to the API server from a pod. NODE_EXTRA_CA_CERTS names its CA.
import { readFileSync } from 'node:fs'

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, TOKEN_FILE: tokenFile } = process.env
const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
/** More than the longest timeout of a webhook, 30 s. */
const ANSWER_MS = 40_000

/** Rejects without an answer. */
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

/** The last line is also the termination message of the pod, which can be read without the kubelet. */
function end(isWell, line) {
  console.log(line)
  process.exitCode = isWell ? 0 : 1
}
