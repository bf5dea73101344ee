import { Command } from 'commander'
import { join } from 'node:path'
import { BUNDLE_NAME, writeBundle } from './bundle.ts'
import { writeDocs } from './docs/docs.ts'
import { buildImage, writeNode } from './image/build.ts'
import { debianFault } from './image/debian.ts'
import { defaultFolder, writeManifests } from './manifests/write.ts'
import { defaultOutput, release } from './release/release.ts'

const root = join(import.meta.dirname, '..')
const program = new Command('node packaging/main.ts')
  .description('Builds, documents and releases kubelet-csr-gate. Results are written to dist/.')
  .showHelpAfterError()

program
  .command('bundle')
  .description(`bundle the program into one file, dist/${BUNDLE_NAME}`)
  .action(async () => void (await writeBundle(root)))

program
  .command('node')
  .description('bundle, and unpack the pinned Node of this architecture: for the Dockerfile')
  .action(async () => {
    await writeBundle(root)
    await writeNode(root)
  })

program
  .command('image')
  .description(
    'bundle, and build the image archive for this architecture without a container engine (Debian 12)',
  )
  .action(async () => {
    if (await refusesMachine()) return
    const { code } = await writeBundle(root)
    const path = await buildImage(root, code)
    process.stderr.write(`${path}; import with: ctr -n k8s.io images import ${path}\n`)
  })

program
  .command('manifests')
  .description(
    'write what is installed without Helm: manifests and a kustomize base, with the image by tag (Go)',
  )
  .option(
    '--registry <registry>',
    'where the image was pushed; without it, nodes use the image that you imported',
  )
  .option('--output <folder>', 'where the files are written', defaultFolder(root))
  .action(async ({ output, registry = null }) => {
    for (const path of await writeManifests(root, output, registry)) process.stdout.write(`${path}\n`)
  })

program
  .command('docs')
  .description('write every table, list and version that is made from the code')
  .action(() => writeDocs(root))

program
  .command('release')
  .description('build the files of a release; publishes nothing (Debian 12, Go). See docs/releasing.md')
  .option('--dry-run', 'build even if this may not be published, and print why', false)
  .option('--verify', 'build twice and compare byte by byte', false)
  .option('--registry <registry>', 'where image and chart will be, such as ghcr.io/owner')
  .option('--repository <owner/name>', 'where the release page will be on GitHub')
  .option('--output <folder>', 'where the files are written', defaultOutput(root))
  .action(async ({ registry = null, repository = null, ...options }) => {
    if (await refusesMachine()) return
    process.exitCode = await release(root, { registry, repository, ...options })
  })

await program.parseAsync()

/** Before any work: downloads would otherwise fail one by one. */
async function refusesMachine(): Promise<boolean> {
  const fault = await debianFault()
  if (fault === null) return false
  process.stderr.write(`${fault}\n`)
  process.exitCode = 2
  return true
}
