import { Command, Option } from 'commander'
import { bashScript } from './completion/bash.ts'
import { fishScript } from './completion/fish.ts'
import { commandsOf } from './completion/tree.ts'
import { zshScript } from './completion/zsh.ts'

const NAMES = ['kubelet-csr-gate', 'kubectl-csr_gate']
const root = new Command('kubelet-csr-gate')
const policy = root.command('policy').description("the operator's policy: its files")
policy.command('diff').description('what changes').argument('<FILE>').option('--all', 'everything')
root
  .command('status')
  .description('a row per node')
  .addOption(new Option('-o, --output <FORMAT>', "the table's format").choices(['table', 'json']))
  .option('--kubeconfig <FILE>', 'a file')
const commands = commandsOf(root)

/** For a program with two commands, one of which has a subcommand. */
export const scripts = {
  bash: bashScript(commands, NAMES),
  zsh: zshScript(commands, NAMES),
  fish: fishScript(commands, NAMES),
}
