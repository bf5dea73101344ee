import type { ClusterOptions } from '../command.ts'
import type { Context } from '../context.ts'
import { EXIT, type Problem } from '../exit-codes.ts'
import { messageOf, sourceOf } from './session.ts'

/** The options once for each context of the kubeconfig. */
export async function contextsIn<T extends ClusterOptions>(
  options: T,
  env: Context['env'],
): Promise<readonly T[] | Problem> {
  const { loadKubeConfig } = await import('../../server/kube/kubeconfig.ts')
  try {
    const contexts = loadKubeConfig(sourceOf(options, env)).getContexts()
    return contexts.map(({ name }) => ({ ...options, context: name }))
  } catch (error) {
    return { message: messageOf(error, options, env), exitCode: EXIT.usage }
  }
}
