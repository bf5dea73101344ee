import { Option } from 'commander'
import { components } from '../server/config.ts'
import { contextOption, kubeconfigOption } from './command.ts'

/** The flags of `serve`, in the order of `--help`: what a config file, which several processes share, cannot say. */
export const serveFlags = (): readonly Option[] => [
  new Option(
    '--config <FILE>',
    'Config file. Its policy is reloaded when it changes. Without a file, all settings have their defaults.',
  ),
  new Option('--component <NAME>', 'Component to run, if the config file enables it.')
    .choices(components)
    .default('all'),
  kubeconfigOption(),
  contextOption(),
  new Option('--log-level <LEVEL>', 'Lowest level that is logged.')
    .choices(['debug', 'info', 'warn', 'error'])
    .default('info'),
]
