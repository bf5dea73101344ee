/** What Go writes into each program about its modules (debug/buildinfo), so that a figure names what was measured. */

const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1')
const ALIGNED = 16
const HEADER = 32
/** The header's flag that says that both texts follow it, each after its length. */
const INLINE = 2
/** Of the marks around the second text. */
const MARK = 16

/** The module lines of a Go program since 1.18; null for anything else. */
export function buildInfo(program: Buffer): string | null {
  for (let at = program.indexOf(MAGIC); at >= 0; at = program.indexOf(MAGIC, at + 1)) {
    const flags = program[at + 15] ?? 0
    if (at % ALIGNED !== 0 || (flags & INLINE) === 0) continue
    const goVersion = textAt(program, at + HEADER)
    const modules = textAt(program, goVersion.end)
    if (modules.text.length > 2 * MARK) return modules.text.toString('utf8', MARK, modules.text.length - MARK)
  }
  return null
}

/** The main module's version; of a build from a work tree, its commit. */
export function versionIn(info: string): string {
  const main = /^mod\t\S+\t(\S+)/m.exec(info)?.[1] ?? 'unknown version'
  const commit = /^build\tvcs\.revision=(\S+)/m.exec(info)?.[1]
  return main === '(devel)' && commit !== undefined ? commit.slice(0, 12) : main
}

/** A text after its length, which is a varint of seven bits an octet. */
function textAt(program: Buffer, start: number): { readonly text: Buffer; readonly end: number } {
  let [length, shift, at] = [0, 0, start]
  for (let octet = 0x80; octet >= 0x80 && shift < 28; shift += 7) {
    octet = program[at++] ?? 0
    length += (octet & 0x7f) * 2 ** shift
  }
  return { text: program.subarray(at, at + length), end: at + length }
}
