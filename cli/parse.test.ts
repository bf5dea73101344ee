import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ascii, bytes, implicit, utf8 } from '../test/kit/requests/der.ts'
import { sharedKeys } from '../test/kit/requests/keys.ts'
import { buildRequest, nodeSubject, rdn } from '../test/kit/requests/request.ts'
import { testContext } from './context.fixture.ts'
import { parseCommand } from './parse.ts'
import { resultOf } from './parse/result.ts'
import { readRequest } from '../server/pkcs10/request.ts'

interface Ran {
  readonly text: string
  readonly exitCode: number | null
}

async function run(input: string | Uint8Array | Uint8Array[], ...argv: string[]): Promise<Ran> {
  async function* stdin(): AsyncGenerator<Uint8Array> {
    yield* Array.isArray(input) ? input : [Buffer.from(input)]
  }
  const context = testContext({ stdin: stdin() })
  await parseCommand(context).parseAsync(argv, { from: 'user' })
  const { stdout, exitCode } = context.written
  return { text: stdout, exitCode }
}

const honest = buildRequest({ dnsNames: ['node-1'], addresses: ['10.0.0.1', 'fd00::1'] })

test('every part of a request is shown with its byte offset', async () => {
  const read = readRequest(honest.request)
  assert.ok(read.readable)
  const { text, exitCode } = await run(honest.pem)
  assert.equal(
    text,
    `subject
     14 organizationName (2.5.4.10) PrintableString "system:nodes"
     37 commonName (2.5.4.3) PrintableString "system:node:node-1"
public key
     66 ECDSA on P-256
        SHA-256 of its SubjectPublicKeyInfo ${read.spkiSha256}
attributes
    157 extensionRequest (1.2.840.113549.1.9.14), values: 1
extensions
    174 subjectAltName (2.5.29.17)
subject alternative names
    185 dNSName "node-1"
    193 iPAddress 10.0.0.1
    199 iPAddress fd00::1
signature
    217 ECDSA-SHA256, verified
shape
        valid for a kubelet
`,
  )
  assert.equal(exitCode, 0)
})

test('a fault is shown with its offset and its rule', async () => {
  const { text, exitCode } = await run(`${honest.pem}more`)
  assert.equal(
    text,
    `unreadable: PemTrailing at octet ${honest.pem.length - 1}: data follows the block\n` +
      'rule: nothing but one newline follows the block\n',
  )
  assert.equal(exitCode, 1)
})

test('a request is read from PEM, from DER, and from base64 of either', async () => {
  const requests = [{ file: '-', ...resultOf(readRequest(honest.request)) }]
  const forms = [
    honest.pem,
    honest.der,
    honest.request,
    `${honest.request}\n`,
    Buffer.from(honest.der).toString('base64'),
  ]
  for (const form of forms) {
    const { text, exitCode } = await run(form, '--output', 'json')
    assert.deepEqual([JSON.parse(text), exitCode], [{ requests }, 0])
  }
})

test('all files are read, and one bad file makes the exit code 1', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'parse-'))
  context.after(() => rm(folder, { recursive: true }))
  const [good, bad] = [join(folder, 'good.pem'), join(folder, 'bad.pem')]
  await writeFile(good, honest.pem)
  await writeFile(bad, 'x')
  const { text, exitCode } = await run('', bad, good, '--output', 'json')
  assert.deepEqual(
    JSON.parse(text).requests.map(({ file, ok }: { file: string; ok: boolean }) => [file, ok]),
    [
      [bad, false],
      [good, true],
    ],
  )
  assert.equal(exitCode, 1)
})

test('with --jsonl each input line gives one output line, in order, whatever it contains', async () => {
  const lines = ['', 'A', honest.request, 'x'.repeat(500_000), Buffer.from(honest.der).toString('base64')]
  const input = Buffer.from(lines.join('\n'))
  const chunks = Array.from({ length: Math.ceil(input.length / 1000) }, (_, index) =>
    input.subarray(index * 1000, (index + 1) * 1000),
  )
  const { text, exitCode } = await run(chunks, '--jsonl')
  const results = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    results.map(({ ok, fault, at }) => (ok ? 'ok' : `${fault}@${at}`)),
    ['PemMissing@0', 'Base64NotCanonical@0', 'ok', 'RequestTooLarge@0', 'ok'],
  )
  assert.deepEqual(results[2], {
    ok: true,
    commonNames: ['system:node:node-1'],
    organizations: ['system:nodes'],
    dnsNames: ['node-1'],
    addresses: ['10.0.0.1', 'fd00::1'],
    key: { type: 'ECDSA', bits: 256, curve: 'P-256' },
    signature: 'ECDSA-SHA256',
    spkiSha256: results[4].spkiSha256,
  })
  assert.equal(exitCode, 1)
})

test('with --jsonl thousands of lines are each written once', async () => {
  const { text } = await run(`${honest.request}\n`.repeat(1_000), '--jsonl')
  assert.equal(text, `${JSON.stringify(resultOf(readRequest(honest.request)))}\n`.repeat(1_000))
})

test('subject alternative names of every kind are shown with their kind', async () => {
  const otherNames = [implicit(1, ascii('a@b')), implicit(7, bytes(10, 0, 0)), implicit(8, bytes(0x2a))]
  const { text } = await run(buildRequest({ addresses: [], otherNames }).pem)
  assert.match(
    text,
    /dNSName "node-1"\n +\d+ rfc822Name "a@b"\n +\d+ iPAddress 0x0a0000\n +\d+ registeredID 0x2a\n/u,
  )
  assert.match(text, /refused: SanKindForbidden at octet \d+: asks for a name of the kind rfc822Name\n/u)
})

test('text from the requester is escaped for the terminal', async () => {
  const shape = { subject: nodeSubject().with(1, rdn(['2.5.4.3', utf8('system:node:\u001b[31mä\u202e😀')])) }
  const { text } = await run(buildRequest(shape).pem)
  assert.match(
    text,
    /commonName \(2\.5\.4\.3\) UTF8String "system:node:\\u001b\[31m\\u00e4\\u202e\\ud83d\\ude00"/u,
  )
  assert.doesNotMatch(text.replaceAll('\n', ''), /[^\x20-\x7e]/u)
})

test('an unsupported key is shown with its name', async () => {
  const { text } = await run(buildRequest({ key: sharedKeys('ML-DSA-65') }).pem)
  assert.match(text, /ML-DSA-65, not supported\n/u)
  assert.match(text, /refused: KeyTooWeak at octet 69: /u)
  assert.match(
    (await run(buildRequest({ key: 'RSA-512' }).pem)).text,
    /not verified: the RSA size or exponent is out of bounds\n/u,
  )
})
