import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { bundle } from '../bundle.ts'
import { readAudit } from './advisories.ts'
import { bundledPackages } from './bundled-packages.ts'
import { isAllowed } from './licenses.ts'

/**
 * `npm run audit`: exit code 0 when no bundled package has a license that is not allowed and no runtime dependency a
 * high or critical advisory; 1 when one has; 2 when the registry does not say, which proves nothing.
 */
const root = join(import.meta.dirname, '..', '..')
const AUDIT_MS = 60_000
const MAX_REPORT_BYTES = 8 * 1024 * 1024

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

const packages = await bundledPackages(root, (await bundle(root)).metafile)
const unwelcome = packages.filter(({ license }) => !isAllowed(license))
for (const { name, version, license } of unwelcome) say(`not allowed: ${name} ${version} is ${license}`)
say(
  `licenses: ${packages.length - unwelcome.length} of ${packages.length} packages in the program are allowed`,
)

const audit = readAudit(await npmAudit())
if (audit.known) for (const { name, severity, title } of audit.serious) say(`${severity}: ${name}: ${title}`)
say(
  audit.known
    ? `advisories: ${audit.serious.length} high or critical among the runtime dependencies`
    : `advisories: unproven, ${audit.because}`,
)
if (unwelcome.length > 0 || (audit.known && audit.serious.length > 0)) process.exitCode = 1
else if (!audit.known) process.exitCode = 2

/** npm exits with 1 when it finds something, so only what it prints counts. */
function npmAudit(): Promise<string> {
  const limits = { cwd: root, timeout: AUDIT_MS, maxBuffer: MAX_REPORT_BYTES }
  return new Promise((resolve) => {
    execFile('npm', ['audit', '--omit=dev', '--json'], limits, (_, stdout) => resolve(stdout))
  })
}
