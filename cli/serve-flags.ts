import { Option } from 'commander'
import { components } from '../server/config.ts'

/** The flags of `serve`, in the order of `--help`: what a config file, which several processes share, cannot say. */
export const serveFlags = (): readonly Option[] => [
  new Option(
    '--config <FILE>',
    'Config file. Its policy is reloaded when it changes. Default: every setting has its default.',
  ),
  new Option('--component <NAME>', 'What of the components that the config file enables this process runs.')
    .choices(components)
    .default('all'),
  new Option(
    '--kubeconfig <FILE>',
    "Kubeconfig file for the API server. Default: $KUBECONFIG, else the pod's service account, else ~/.kube/config.",
  ),
  new Option('--context <NAME>', 'Context in the kubeconfig.'),
  new Option('--log-level <LEVEL>', 'Lowest level that is logged.')
    .choices(['debug', 'info', 'warn', 'error'])
    .default('info'),
]
