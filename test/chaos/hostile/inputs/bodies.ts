/** Whole bodies, well within the limit of bytes, that cost much once they are read. */
import { gzipSync } from 'node:zlib'
import { sendToWebhook, type Call } from '../attack/http.ts'
import { flooding, type Pace } from '../attack/flood.ts'
import type { HostileInput } from '../input.ts'

/** Just under the webhook's limit of 7 MiB. */
const LARGE = 6_900_000
/** Four at a time, as many as the webhook takes in of that size. */
const LARGE_PACE: Pace = { lanes: 4, perSecond: 20 }
const SMALL_PACE: Pace = { lanes: 16, perSecond: 500 }

const filled = (open: string, item: string, close: string): string =>
  `${open}${item.repeat(Math.floor((LARGE - 100) / item.length))}${close}`

/** The content of one body, made in the attacker's process. */
const posted = (
  name: string,
  does: string,
  content: () => string | Uint8Array,
  { pace = LARGE_PACE, ...call }: Call & { readonly pace?: Pace } = {},
): HostileInput =>
  flooding({ name, against: 'webhook port', does, pace }, ({ targets }) => {
    const send = sendToWebhook(targets.webhookPort)
    const body = Buffer.from(content())
    return () => send({ body, ...call })
  })

/** 36^4 keys of four characters are more than fit. */
function manyKeys(): string {
  const entries = Array.from({ length: 750_000 }, (_, index) => `"${index.toString(36).padStart(4, '0')}":1`)
  return `{${entries.join(',')}}`
}

export const bodies: readonly HostileInput[] = [
  posted('body-empty-objects', '6.9 MB of [{},{},…]', () => filled('[', '{},', '{}]')),
  posted('body-empty-arrays', '6.9 MB of [[],[],…]', () => filled('[', '[],', '[]]')),
  posted('body-small-objects', '6.9 MB of [{"a":0},…]', () => filled('[', '{"a":0},', '0]')),
  posted(
    'body-deep-arrays',
    'arrays nested 3,450,000 deep',
    () => '['.repeat(LARGE / 2) + ']'.repeat(LARGE / 2),
  ),
  posted(
    'body-deep-objects',
    'objects nested a million deep',
    () => `${'{"a":'.repeat(1_000_000)}1${'}'.repeat(1_000_000)}`,
  ),
  posted('body-many-keys', 'one object of 750,000 keys', manyKeys),
  posted('body-duplicate-keys', '6.9 MB of one key again and again', () =>
    filled('{', '"request":{},', '"a":1}'),
  ),
  posted('body-proto-keys', '6.9 MB of __proto__', () => filled('{', '"__proto__":{},', '"a":1}')),
  posted('body-long-string', 'one string of 6.9 MB', () => filled('{"request":"', 'a', '"}')),
  posted('body-escaped-string', '6.9 MB of \\u0141', () => filled('{"request":"', '\\u0141', '"}')),
  posted(
    'body-short-strings',
    '6.9 MB of different strings',
    () => `[${Array.from({ length: 600_000 }, (_, index) => `"${index.toString(36)}-abc"`).join(',')}]`,
  ),
  posted('body-huge-number', 'one number of 6.9 million digits', () => filled('[', '9', ']')),
  posted('body-many-numbers', '6.9 MB of 1.5e-300', () => filled('[', '1.5e-300,', '0]')),
  posted('body-invalid-utf8', '6.9 MB that are not UTF-8', () => Buffer.alloc(LARGE, 0xff)),
  posted('body-nothing', 'no body at all', () => '', { pace: SMALL_PACE }),
  posted('body-above-the-limit', '9 MB', () => Buffer.alloc(9_000_000, 0x20)),
  posted('body-64-at-once', '64 bodies of 6.9 MB at a time', () => filled('[', '{},', '{}]'), {
    pace: { lanes: 64, perSecond: 64 },
  }),
  posted(
    'body-gzip-bomb',
    'a gigabyte of blanks, in gzip',
    () => gzipSync(Buffer.alloc(1_000_000_000, 0x20)),
    {
      headers: { 'content-encoding': 'gzip' },
    },
  ),
  posted('body-other-type', 'a large body that says to be text', () => filled('[', '{},', '{}]'), {
    headers: { 'content-type': 'text/plain' },
  }),
  posted('query-10kb', 'a query of 10 KB', () => '{}', {
    path: `/validate?${'a=b&'.repeat(2_500)}`,
    pace: SMALL_PACE,
  }),
  posted('path-unknown', 'paths that are not there', () => '{}', { path: '/apis/../x', pace: SMALL_PACE }),
  posted('method-put', 'PUT', () => '{}', { method: 'PUT', pace: SMALL_PACE }),
  posted('method-head', 'HEAD', () => '', { method: 'HEAD', pace: SMALL_PACE }),
  posted('method-options', 'OPTIONS', () => '{}', { method: 'OPTIONS', pace: SMALL_PACE }),
]
