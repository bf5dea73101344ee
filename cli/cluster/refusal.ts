import { oneLine, shown } from '../../policies/text.ts'
import type { ApiAnswer } from '../../server/ports.ts'
import { EXIT, type Problem } from '../exit-codes.ts'

type Refusal = Extract<ApiAnswer, { readonly ok: false }>

/** Longest message of an API server in one line. */
const MESSAGE_MAX = 300

/**
 * Why a call failed, in one line that says what to do.
 * @param what was asked for, such as `Nodes`
 */
export function problemOf({ status, message }: Refusal, what: string, server: string): Problem {
  const because = oneLine(message, MESSAGE_MAX)
  const at = shown(server)
  if (status === 0)
    return problem(
      `the API server ${at} cannot be reached: ${because}. Check --kubeconfig, --context and the network`,
    )
  if (status === 401)
    return problem(
      `the API server ${at} does not accept the credentials (401). Log in again, or check --context`,
    )
  if (status === 403) return problem(`${what} not visible (403): ${because}`)
  // Only what the user typed can be malformed, such as a selector.
  if (status === 400) return { message: `${what}: ${because}`, exitCode: EXIT.usage }
  return problem(`${what} could not be read (${status}): ${because}`)
}

const problem = (message: string): Problem => ({ message, exitCode: EXIT.notSeen })
