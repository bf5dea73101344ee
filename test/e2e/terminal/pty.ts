/** Runs the product on a terminal: `script` of util-linux makes a pty. */
import { run } from '../../kit/child.ts'
import type { Cluster } from '../../kubeadm/cluster.ts'
import { MAIN } from '../steps/program.ts'

/** What the program wrote to a terminal of that many columns, however it ended. */
export function shownOnTerminal(
  { controlPlane }: Pick<Cluster, 'controlPlane'>,
  args: readonly string[],
  columns: number,
): Promise<string> {
  const command = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ')
  const terminal = [
    'script',
    '--quiet',
    '--command',
    `stty cols ${columns}; ${command} 2>/dev/null; true`,
    '/dev/null',
  ]
  const env = ['env', '-u', 'NO_COLOR', 'TERM=xterm', 'KUBECONFIG=/etc/kubernetes/admin.conf']
  return run([...controlPlane.entered(), ...env, ...terminal])
}
