import type { Context, Output } from './context.ts'

/** A process that keeps what commands write. */
export interface TestContext extends Context {
  readonly written: { stdout: string; stderr: string; exitCode: number | null }
}

interface Given {
  readonly stdin?: AsyncIterable<Uint8Array>
  readonly env?: Context['env']
  /** As on a terminal of that width, without colours. */
  readonly columns?: number
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

export function testContext({ stdin = nothing(), env = {}, columns }: Given = {}): TestContext {
  const written: TestContext['written'] = { stdout: '', stderr: '', exitCode: null }
  const output = (to: 'stdout' | 'stderr'): Output => ({
    columns: columns ?? null,
    colour: false,
    write: async (text) => void (written[to] += text),
  })
  return {
    program: 'kubelet-csr-gate',
    version: '0.0.0',
    hostname: 'here',
    env,
    stdin,
    stdout: output('stdout'),
    stderr: output('stderr'),
    nextStop: () => Promise.withResolvers<string>().promise,
    finish: (exitCode) => void (written.exitCode = exitCode),
    written,
  }
}
