/** The approvers of this folder's neighbour `approvers/`, and those that are no program of another's. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import project from '../../../package.json' with { type: 'json' }
import { type ServiceOptions, startService } from '../../kit/service/service.ts'
import { shippedProgram } from '../../kit/service/shipped.ts'
import { putInFront } from '../in-front.ts'
import { POLICY } from '../policy.ts'
import { type ApproverFile, schema } from '../schema.ts'
import { type Approver, approverFrom } from './approver.ts'
import { approveEverything } from './approve-everything.ts'

const FOLDER = join(import.meta.dirname, '..', 'approvers')

/** By default its controller alone, so that what is scored is the judgement of stored CSRs, as of the others. */
const ours = (
  told: string,
  { webhook = false, ...options }: Pick<ServiceOptions, 'policy' | 'proof' | 'proofOfNames' | 'webhook'>,
) =>
  ({
    name: project.name,
    told,
    version: `v${project.version}`,
    start: async (cluster, launcher = []) => {
      await using stack = new AsyncDisposableStack()
      const shipped = await shippedProgram()
      const service = stack.use(await startService(cluster, { webhook, ...options, launcher, ...shipped }))
      if (webhook) await putInFront(cluster, service)
      const owned = stack.move()
      return {
        pid: service.pid,
        said: async (csr) => (await service.decisionOn(csr, 'controller')).message,
        [Symbol.asyncDispose]: async () => await owned.disposeAsync(),
      }
    },
  }) as const satisfies Approver

/** With a default policy, as benchmarks have it. */
export const oursByDefault = ours('the controller alone, its default policy', { proof: 'warn' })

const installed: Approver = {
  name: 'the approver of this cluster',
  told: 'as it is installed',
  version: 'unknown version',
  start: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
}

const required = { proof: 'require', proofOfNames: 'require' } as const

const builtIn: Readonly<Record<string, Approver>> = {
  everything: approveEverything,
  'kubelet-csr-gate': ours('nothing: its default settings', { proof: 'auto' }),
  'kubelet-csr-gate-webhook': ours('its default settings, its webhook in front', {
    proof: 'auto',
    webhook: true,
  }),
  'kubelet-csr-gate-told': ours('the policy of cluster.json', { proof: 'auto', policy: POLICY }),
  'kubelet-csr-gate-require': ours('`require` for addresses and names', required),
  'kubelet-csr-gate-require-webhook': ours('`require` for addresses and names, its webhook in front', {
    ...required,
    webhook: true,
  }),
  installed,
}

/** In the order of the tables. */
export const names: readonly string[] = [
  ...Object.keys(builtIn),
  ...readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => basename(name, '.json'))
    .sort(),
]

/** By its name, or by the path of its file. Rejects where the file is not as the schema wants it. */
export async function approverCalled(name: string): Promise<Approver> {
  const known = builtIn[name]
  if (known !== undefined) return known
  return await approverFrom(readApprover(names.includes(name) ? join(FOLDER, `${name}.json`) : name))
}

function readApprover(path: string): ApproverFile {
  const file: ApproverFile = JSON.parse(readFileSync(path, 'utf8'))
  const ajv = new Ajv2020({ strict: false })
  if (ajv.validate({ ...schema, $ref: '#/$defs/approver' }, file)) return file
  throw new Error(`${path}: ${ajv.errorsText()}`)
}

/** As lenient as it can be set: any name, any address, DNS bypassed. */
export const lenientPostfinance: ApproverFile = {
  ...readApprover(join(FOLDER, 'postfinance-defaults.json')),
  told: 'any name, any address, DNS bypassed',
  environment: { BYPASS_DNS_RESOLUTION: 'true' },
}
