import { Argument, Command } from 'commander'
import { showsExamples } from './command.ts'
import { bashScript } from './completion/bash.ts'
import { fishScript } from './completion/fish.ts'
import { commandsOf } from './completion/tree.ts'
import { zshScript } from './completion/zsh.ts'
import type { Context } from './context.ts'
import { EXIT } from './exit-codes.ts'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const
type Shell = keyof typeof scripts

/** The names under which the program is installed. */
const NAMES = ['kubelet-csr-gate', 'kubectl-csr_gate']

/**
 * `completion SHELL`: the script is generated from the commands themselves.
 * @param root returns the program, which contains this command
 */
export function completionCommand(context: Context, root: () => Command): Command {
  const command = new Command('completion')
    .description('print a script that completes commands, flags and their values in a shell')
    .addArgument(new Argument('<SHELL>', 'the shell').choices(Object.keys(scripts)))
    .action(async (shell: Shell) => {
      await context.stdout.write(scripts[shell](commandsOf(root()), NAMES))
      context.finish(EXIT.ok)
    })
  return showsExamples(command, context.program, [
    [
      'bash: complete in this shell',
      'completion bash > ~/.kubelet-csr-gate.bash && source ~/.kubelet-csr-gate.bash',
    ],
    ['zsh: complete in every new shell', 'completion zsh > "${fpath[1]}/_kubelet-csr-gate"'],
    [
      'fish: complete in every new shell',
      'completion fish > ~/.config/fish/completions/kubelet-csr-gate.fish',
    ],
  ])
}
