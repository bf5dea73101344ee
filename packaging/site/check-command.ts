import { CommanderError, type Command as Parser } from 'commander'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { createProgram } from '../../cli/program.ts'
import project from '../../package.json' with { type: 'json' }
import schema from '../../charts/kubelet-csr-gate/values.schema.json' with { type: 'json' }

const root = join(import.meta.dirname, '..', '..')

/** Programs of the system and of others, which are not checked here. A block for one that is missing is `text`. */
const OTHERS =
  /^(?:#|alias|for|done|if|fi|while|case|esac|systemctl|journalctl|kubeadm|talosctl|k0s|k0sctl|openssl|chmod|cp|mv|rm|ls|cat|tee|ln|install|mkdir|cd|tar|jq|yq|grep|sed|awk|sort|head|tail|wc|base64|curl|git|docker|nerdctl|crictl|ctr|skopeo|crane|cosign|gh|sha256sum|cmctl|source|sh|bash|export|echo|printf|sleep|time|flux|argocd|kustomize|clusterctl|ansible-playbook|promtool|oc|aws|gcloud|az|ssh|scp)$/u

/** What is wrong with a command of a page, by the program itself; null if nothing is. */
export function faultOf(words: readonly string[]): Promise<string | null> | string | null {
  const [program = '', ...given] = words
  const args = given.filter((word) => word !== '…' && word !== '...')
  const isPartial = args.length < given.length
  if (program === 'kubelet-csr-gate') return faultOfOurs(args, isPartial)
  if (program === 'helm') return faultOfHelm(args)
  if (program === 'kubectl') return faultOfKubectl(args)
  if (program === 'npm' || program === 'npx') return faultOfNpm(args)
  return OTHERS.test(program)
    ? null
    : `the program ${program} is not known: is this output, a block of console or text?`
}

const silent = { columns: null, colour: false, write: () => Promise.resolve() }

/** The command line itself, which parses the arguments and does nothing. */
async function faultOfOurs(args: readonly string[], isPartial: boolean): Promise<string | null> {
  const program = createProgram({
    program: 'kubelet-csr-gate',
    version: '',
    env: {},
    hostname: '',
    stdin: new PassThrough(),
    stdout: silent,
    stderr: silent,
    nextStop: () => Promise.withResolvers<string>().promise,
    takeStdout: () => new PassThrough(),
    finish: () => undefined,
  })
  disarm(program)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return null
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const isUnfinished = [
      'commander.help',
      'commander.missingArgument',
      'commander.missingMandatoryOptionValue',
    ]
    if (error.exitCode === 0 || (isPartial && isUnfinished.includes(error.code))) return null
    return error.message
  }
}

function disarm(command: Parser): void {
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
  if (command.commands.length === 0) command.action(() => undefined)
  for (const inner of command.commands) disarm(inner)
}

const HELM =
  /^(?:install|upgrade|template|test|uninstall|rollback|pull|push|package|lint|get|list|history|show|status|repo|registry|dependency|version)$/u
const HELM_FLAGS = new Set(
  '--namespace -n -A --create-namespace --values -f --set --set-string --set-file --set-json --version --kube-version --reuse-values --reset-values --reset-then-reuse-values --wait --timeout --dry-run --no-hooks --force-conflicts --install -i --destination -d --include-crds --api-versions --show-only --cascade --keep-history --take-ownership --server-side --rollback-on-failure --plain-http --output -o --kube-context --revision --help'.split(
    ' ',
  ),
)

function faultOfHelm(args: readonly string[]): string | null {
  const [command = ''] = args
  if (!HELM.test(command)) return `helm has no command ${command}`
  for (const [index, word] of args.entries()) {
    const [flag = '', inline] = word.split(/=(.*)/su)
    if (!flag.startsWith('-')) continue
    if (!HELM_FLAGS.has(flag)) return `helm has no flag ${flag}`
    const fault = faultOfHelmValue(flag, inline ?? args[index + 1] ?? '')
    if (fault !== null) return fault
  }
  return null
}

function faultOfHelmValue(flag: string, value: string): string | null {
  if (/^--set(?:-string|-file|-json)?$/u.test(flag))
    return (
      value
        .split(/,(?=[\w.]+=)/u)
        .map(faultOfSetting)
        .find((fault) => fault !== null) ?? null
    )
  const isOurs = ['--values', '-f'].includes(flag) && value.startsWith('charts/')
  return isOurs && !existsSync(join(root, value)) ? `there is no file ${value}` : null
}

/** `a.b[0].c=value`: whether the schema of the values has a.b. */
function faultOfSetting(setting: string): string | null {
  const [path = ''] = setting.split('=')
  let inner: unknown = schema
  for (const key of path.replaceAll(/\[\d+\]/gu, '').split(/(?<!\\)\./u)) {
    const properties: unknown = Reflect.get(Object(inner), 'properties')
    // a map of free keys, such as podLabels, or an item of a list
    if (properties === undefined) return null
    inner = Reflect.get(Object(properties), key)
    if (inner === undefined) return `the chart has no value ${path}`
  }
  return null
}

const KUBECTL =
  /^(?:get|describe|logs|exec|apply|create|delete|patch|annotate|label|certificate|rollout|auth|edit|top|diff|cluster-info|version|config|krew|wait|scale|drain|uncordon|explain|proxy|replace|run|api-resources|kustomize|debug|cp|taint)$/u
const KUBECTL_FLAGS = new Set(
  '-n --namespace -A --all-namespaces -o --output -l --selector -f --filename -w --watch --field-selector --raw --type --patch -p --patch-file --from-file --from-literal --tail --since -c --container --previous -k --server-side --dry-run --context --kubeconfig --ignore-not-found --overwrite --as --as-group --list --subresource --for --timeout --sort-by --show-managed-fields --no-headers --force-conflicts --field-manager --manifest-url --wait --cascade --image -i -t -it --all --grace-period --force --minify --flatten --ignore-daemonsets --prune --validate --cert --key --from --show-labels --help --replicas --current-replicas --restart --rm'.split(
    ' ',
  ),
)

function faultOfKubectl(args: readonly string[]): string | null {
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  const command = own.find(
    (word, index) =>
      !word.startsWith('-') &&
      !['-n', '--namespace', '--context', '--kubeconfig'].includes(own[index - 1] ?? ''),
  )
  if (command === undefined || !KUBECTL.test(command)) return `kubectl has no command ${command}`
  const unknown = own.find(
    (word) => /^-{1,2}[a-z]/u.test(word) && !KUBECTL_FLAGS.has(word.replace(/=.*/su, '')),
  )
  return unknown === undefined ? null : `kubectl has no flag ${unknown}`
}

function faultOfNpm(args: readonly string[]): string | null {
  const [command = '', name = ''] = args
  if (command === 'run')
    return name in project.scripts || name === '' ? null : `package.json has no script ${name}`
  const files = args.filter((word) => /^(?:test|packaging|cli)\/[\w./-]+\.ts$/u.test(word))
  const missing = files.find((file) => !existsSync(join(root, file)))
  return missing === undefined ? null : `there is no file ${missing}`
}
