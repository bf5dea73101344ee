import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * For the programs that would leave this machine. Each notes how it was called in `$CALLS`, looks whether what it
 * is told of is there, and does what later steps rely on.
 */
const STAND_INS = {
  docker: `
[ "$1" = login ] && [ "$3" = --username ]
printf '{"auths":{"%s":{"auth":"%s"}}}' "$2" "$(printf '%s:%s' "$4" "$(cat)" | base64 -w0)" > "$HOME/.docker/config.json"`,
  cosign: `
for last; do :; done
case $1 in
  sign) crane manifest "$last" > /dev/null ;;
  attest)
    crane manifest "$last" > /dev/null
    [ "$5" = --predicate ]
    jq --exit-status '.bomFormat == "CycloneDX"' "$6" > /dev/null ;;
  sign-blob) cp "$last" "$4" ;;
  *) exit 1 ;;
esac`,
  gh: `
for word; do
  case $word in kubelet-csr-gate-* | SHA256SUMS*) test -s "$word" ;; esac
done`,
}

/** Writes the stand-ins into a new folder beside the real `crane` and `helm`; returns the folder. */
export async function standIns(folder: string, real: Readonly<Record<string, string>>): Promise<string> {
  const bin = join(folder, 'bin')
  await mkdir(bin)
  for (const [name, path] of Object.entries(real)) await symlink(path, join(bin, name))
  for (const [name, script] of Object.entries(STAND_INS)) {
    const noted = `#!/bin/sh\nset -eu\necho "${name} $*" >> "$CALLS"\n${script.trim()}\n`
    await writeFile(join(bin, name), noted, { mode: 0o755 })
  }
  return bin
}
