import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { filledIn } from './filled-in.ts'

const entry = Type.Object({ name: Type.Optional(Type.String()), port: Type.Number({ default: 10_250 }) })
const schema = Type.Object({
  mode: Type.String({ default: 'warn' }),
  limits: Type.Object({ names: Type.Number({ default: 8 }) }, { default: { names: 8 } }),
  pools: Type.Array(entry, { default: [] }),
  note: Type.Optional(Type.String({ default: 'none' })),
})

test('what is absent has its default, also inside a group and in each entry of a list', () => {
  deepEqual(filledIn(schema, { limits: {}, pools: [{ name: 'a' }, { port: 1 }] }), {
    mode: 'warn',
    limits: { names: 8 },
    pools: [{ name: 'a', port: 10_250 }, { port: 1 }],
  })
})

test('what is optional stays absent, also if it has a default', () => {
  deepEqual(filledIn(schema, {}), { mode: 'warn', limits: { names: 8 }, pools: [] })
  deepEqual(filledIn(schema, { note: 'mine' }), {
    mode: 'warn',
    limits: { names: 8 },
    pools: [],
    note: 'mine',
  })
})

test('what does not fit stays as it is, for the schema to refuse', () => {
  for (const content of ['text', 7, null, ['mode']]) equal(filledIn(schema, content), content)
  deepEqual(filledIn(schema, { mode: 7, limits: 'few', pools: { name: 'a' }, unknown: true }), {
    mode: 7,
    limits: 'few',
    pools: { name: 'a' },
    unknown: true,
  })
})

test('a default is no part of the schema: who changes one changes nobody else’s', () => {
  const [one, other] = [filledIn(schema, {}), filledIn(schema, {})]
  Object.assign(Object(one).limits, { names: 1 })
  deepEqual(other, { mode: 'warn', limits: { names: 8 }, pools: [] })
})
