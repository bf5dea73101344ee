/**
 * What tells two states apart. Times are ages in whole periods, no older than anything reaches back to, and the order of what
 * was granted; uids count as the Node's present one or not. Whose a key is stands in the certificate.
 */
import type { NodeGrants } from '../../server/facts/grants.ts'
import { recordsIn } from './product.ts'
import type { World } from './world.ts'

/** The longest limit is three periods. */
const OLDEST = 4

type Json = string | number | boolean | null | readonly Json[]

export function keyOf(world: World): string {
  const { machines, maps } = world
  const order = orderOf(world)
  const written = maps.areWritesHeld ? maps.texts().flatMap((text) => recordsIn(text)) : []
  return JSON.stringify([
    sorted([...world.nodes.values()].map(({ name, createdAt }) => [name, age(world, createdAt)])),
    reportsOf(world),
    machines.owners(),
    sorted(machines.all().map(([node, { on }]) => [node, on, machines.shows(node), expiryOf(world, node)])),
    sorted([...world.product.grants()].map((grants) => grantsOf(world, grants, order))),
    sorted(written.map((grants) => grantsOf(world, grants, order))),
    csrsOf(world, order),
    looksOf(world),
    truthOf(world),
    [...world.vouched].map((one) => one.join(' ')),
    [world.isLedgerUnreadable, maps.areWritesHeld, maps.isEmpty, machines.isCut],
  ])
}

function sorted(all: readonly Json[]): readonly Json[] {
  return all.map((one) => JSON.stringify(one)).toSorted()
}

function age(world: World, time: number): number {
  return Math.min(world.period() - world.periodOf(time), OLDEST)
}

function ageOrNull(world: World, time: number | null): number | null {
  return time === null ? null : age(world, time)
}

/** A certificate lasts a year, until the period ends, or has expired. */
function expiry(world: World, notAfter: number): string {
  if (notAfter <= world.now()) return 'expired'
  return world.periodOf(notAfter) > world.period() + OLDEST ? 'long' : 'short'
}

function expiryOf(world: World, node: string): string {
  const { certificate } = world.machines.of(node)
  return certificate === null ? 'none' : expiry(world, certificate.notAfter)
}

/** The number of an approval in the order of all. */
function orderOf(world: World): (time: number) => number {
  const ofGrants = [...world.product.grants()].flatMap(({ last, values }) => [
    last.approvedAt,
    ...values.map(({ grantedAt }) => grantedAt),
  ])
  const ofCsrs = [...world.csrs.values()].flatMap(({ approvedAt }) => approvedAt ?? [])
  const all = [...new Set([...ofGrants, ...ofCsrs])].toSorted((one, other) => one - other)
  return (time) => all.indexOf(time)
}

/** In the order in which they are reported, which is that of the dials. */
function reportsOf({ truth }: World): readonly Json[] {
  return sorted(
    [...truth.reported].map(([node, values]) => [
      node,
      ...[...values].map(([value, { first, whileWaiting }]) => `${value} ${first} ${whileWaiting}`),
    ]),
  )
}

function grantsOf(world: World, grants: NodeGrants, order: (time: number) => number): Json {
  const { node, uid, last, earlier, values, spent, goneAt } = grants
  return [
    node,
    world.nodes.get(node)?.uid === uid,
    order(last.approvedAt),
    expiry(world, last.notAfter),
    earlier.map(({ notAfter }) => expiry(world, notAfter)),
    ageOrNull(world, goneAt),
    spent.count === 0 ? null : [spent.count, age(world, spent.at)],
    // Which of those that were left is forgotten first depends on their order.
    values.map(({ claim, heldAt, grantedAt, provenAt, sight, leftAt }) => [
      claim,
      age(world, heldAt),
      order(grantedAt),
      provenAt !== null,
      sight,
      ageOrNull(world, leftAt),
    ]),
  ]
}

/** Of those that say the same, the last. */
function csrsOf(world: World, order: (time: number) => number): readonly Json[] {
  const last = new Map<string, number>()
  for (const { username, claims, createdAt, approvedAt, issued } of world.csrs.values()) {
    const own = world.nodes.get(username.slice('system:node:'.length))
    const isOwn = own !== undefined && own.createdAt <= createdAt
    const asked = claims.filter((claim) => !claim.startsWith('key:'))
    const lasts = expiry(world, issued?.notAfter ?? 0)
    last.set([username, asked, isOwn, age(world, approvedAt ?? 0), lasts].join(), order(approvedAt ?? 0))
  }
  return [...last].map((one) => one.join()).toSorted()
}

interface Run {
  readonly shown: string
  readonly since: number
  readonly last: number
}

/** What each address showed last, since when it was seen so and when last; looks too far apart follow on nothing. */
function looksOf(world: World): readonly Json[] {
  const runs = new Map<string, Run>()
  for (const { address, at, sight } of world.machines.looks) {
    const shown = sight.kind === 'certificate' ? `${sight.node} ${sight.spkiSha256}` : sight.kind
    const run = runs.get(address)
    const goesOn = run?.shown === shown && at - run.last <= world.limits.probe.gapMs
    runs.set(address, { shown, since: goesOn ? run.since : at, last: at })
  }
  return [...runs]
    .map(([address, { shown, since, last }]) =>
      [
        address,
        isNow(world, shown) ? 'as now' : shown.split(' ')[0],
        age(world, since),
        age(world, last),
      ].join(),
    )
    .toSorted()
}

/** Whether it is the certificate that the Node serves now. */
function isNow({ machines }: World, shown: string): boolean {
  return machines.all().some(([node, { certificate }]) => shown === `${node} ${certificate?.key ?? ''}`)
}

/** Who was granted each value in which order, what of it without proof and when, and what was left. */
function truthOf(world: World): Json {
  const { truth } = world
  const last = new Map(truth.grants().map(({ node, value, at }) => [`${value} ${node}`, at]))
  const byTime = [...last].toSorted(([, one], [, other]) => one - other).map(([text]) => text)
  const unproven = truth.grants().filter(({ unproven: is }) => is)
  return [
    byTime.toSorted((one, other) => (one.split(' ')[0] ?? '').localeCompare(other.split(' ')[0] ?? '')),
    sorted(unproven.map(({ node, value, at }) => [node, value, age(world, at)])),
    sorted(truth.leaves().map(([text, at]) => [text, age(world, at)])),
    sorted(world.spec.honest.map((node) => [node, age(world, truth.goneAt(node) ?? 0)])),
  ]
}
