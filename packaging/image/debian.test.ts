import assert from 'node:assert/strict'
import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { debianFault } from './debian.ts'

async function faultOn(release: string): Promise<string | null> {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'kubelet-csr-gate-os-release-'))
  const folder = temporary.path
  const path = join(folder, 'os-release')
  await writeFile(path, release)
  return await debianFault(path)
}

test('the image is built on Debian 12', async () => {
  assert.equal(await faultOn('NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n'), null)
})

test('another system is refused by name, with what to do instead', async () => {
  const ubuntu = await faultOn(
    'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n',
  )
  assert.match(
    String(ubuntu),
    /needs Debian 12 .* this is Ubuntu 24\.04\.3 LTS\.\n.*docker run .*\n.*docker build \.$/,
  )
  const trixie = await faultOn('PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nID=debian\n')
  assert.match(String(trixie), /this is Debian GNU\/Linux 13/)
})

test('a system without /etc/os-release is refused by its platform', async () => {
  assert.match(String(await debianFault('/nonexistent')), new RegExp(`this is ${process.platform}\\.`))
})
