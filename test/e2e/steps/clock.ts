/**
 * Another clock for one process: its own copy of the vDSO, from which programs read the time, answers with seconds added. Kernels
 * have no namespace for the time of day, and the machine's clock is everybody's.
 */
import { constants } from 'node:fs'
import { open, readdir, readFile, readlink } from 'node:fs/promises'
import type { Host } from '../../kubeadm/hosts/host.ts'

/** Sets how far the clock of a program is ahead that runs in the network of the host, as static Pods do. */
export async function shiftClock(host: Host, program: string, seconds: number): Promise<void> {
  if (process.arch !== 'x64') throw new Error('the clock of a process can be shifted on x86-64 only')
  const pid = await processOf(host, program)
  const maps = await readFile(`/proc/${pid}/maps`, 'utf8')
  const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) .*\[vdso\]$/mu.exec(maps) ?? []
  const [start, end] = [Number.parseInt(from, 16), Number.parseInt(to, 16)]
  await using memory = await open(`/proc/${pid}/mem`, constants.O_RDWR)
  const image = Buffer.alloc(end - start)
  await memory.read(image, 0, image.length, start)
  const entry = symbolIn(image, '__vdso_clock_gettime')
  const place = image.length - PADDING
  const clock = clockAhead(seconds)
  await memory.write(clock, 0, clock.length, start + place)
  const jump = Buffer.from(image.subarray(entry, entry + 8)) // one word: no thread sees half of it
  jump.writeUInt8(0xe9)
  jump.writeInt32LE(place - (entry + JUMP), 1)
  await memory.write(jump, 0, jump.length, start + entry)
}

/** The last page of the vDSO ends with zeros, of which so many are taken. */
const PADDING = 32
const JUMP = 5

/** clock_gettime(2) by the system call; to CLOCK_REALTIME, which is 0, seconds are added. */
function clockAhead(seconds: number): Buffer {
  const added = Buffer.alloc(4)
  added.writeInt32LE(seconds)
  return Buffer.concat([
    Buffer.from('b8e4000000', 'hex'), // mov $228, %eax
    Buffer.from('0f05', 'hex'), // syscall
    Buffer.from('85ff', 'hex'), // test %edi, %edi
    Buffer.from('7507', 'hex'), // jne to the return
    Buffer.concat([Buffer.from('488106', 'hex'), added]), // addq $seconds, (%rsi)
    Buffer.from('c3', 'hex'), // ret
  ])
}

async function processOf(host: Host, program: string): Promise<string> {
  const network = await readlink(`/proc/${host.pid}/ns/net`)
  for (const pid of await readdir('/proc')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command.split('\0', 1)[0] !== program) continue
    if ((await readlink(`/proc/${pid}/ns/net`)) === network) return pid
  }
  throw new Error(`${program} does not run on ${host.plan.name}`)
}

/** Where a dynamic symbol of a 64-bit ELF image is: elf(5). Its names follow its symbols. */
function symbolIn(image: Buffer, wanted: string): number {
  const word = (at: number): number => Number(image.readBigUInt64LE(at))
  const headers = Array.from({ length: image.readUInt16LE(56) }, (_, index) => word(32) + 56 * index)
  const dynamic = headers.find((at) => image.readUInt32LE(at) === 2)
  if (dynamic === undefined) throw new Error('the vDSO has no dynamic section')
  const tables = new Map<number, number>()
  for (let at = word(dynamic + 16); word(at) !== 0; at += 16) tables.set(word(at), word(at + 8))
  const [names = 0, symbols = 0] = [tables.get(5), tables.get(6)]
  for (let at = symbols; at < names; at += 24) {
    const name = names + image.readUInt32LE(at)
    if (image.toString('latin1', name, image.indexOf(0, name)) === wanted) return word(at + 8)
  }
  throw new Error(`the vDSO has no ${wanted}`)
}
