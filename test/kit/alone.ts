/** A place with no network but its own loopback, where names resolve from a file. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { attempt } from './child.ts'
import { temporaryDirectory } from './directory.ts'

/** No resolver answers there, so a name that is not in the file is unknown at once. */
const FURNISH = `set -eu
mount --bind "$1/hosts" /etc/hosts
mount --bind "$1/resolv.conf" /etc/resolv.conf
ip link set lo up
for prefix in $2; do ip route add local "$prefix" dev lo; done
shift 2
exec "$@"`

/** Why {@link runAlone} cannot run here, or false. With CI=true it must. */
export async function noNamespaces(): Promise<string | false> {
  if (process.env['CI'] === 'true') return false
  const { code, stderr } = await attempt(['unshare', ...asRoot(), '--net', '--mount', 'true'])
  return code === 0 ? false : `NOT PROVEN: no network of its own can be made: ${stderr}`
}

function asRoot(): readonly string[] {
  return process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']
}

interface Place {
  /** The content of /etc/hosts. */
  readonly hosts: string
  /** Prefixes whose every address is of this machine. Default: only those of loopback. Nothing leads to any other. */
  readonly local?: readonly string[]
}

/**
 * Runs a command in namespaces of its own; returns its exit code. Approvers that listen on every address are then
 * heard by nobody, look up nothing outside, and find their ports free.
 */
export async function runAlone(command: readonly string[], { hosts, local = [] }: Place): Promise<number> {
  await using directory = await temporaryDirectory('alone')
  await writeFile(join(directory.path, 'hosts'), hosts)
  await writeFile(join(directory.path, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
  const args = [
    ...asRoot(),
    '--net',
    '--mount',
    '--',
    'sh',
    '-c',
    FURNISH,
    'furnish',
    directory.path,
    local.join(' '),
    ...command,
  ]
  const child = spawn('unshare', args, { stdio: 'inherit' })
  const [code, signal] = await once(child, 'exit')
  if (typeof code === 'number') return code
  throw new Error(`the command was ended by ${String(signal)}`)
}

/** Runs this program again, with `--alone` besides its arguments, in namespaces of its own; returns its exit code. */
export async function runAgainAlone(place: Place): Promise<number> {
  return await runAlone([process.execPath, ...process.argv.slice(1), '--alone'], place)
}
