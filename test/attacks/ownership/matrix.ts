/** Every victim, attacked by every liar, in every world; and what must come of it. */
import type { TestContext } from 'node:test'
import type { Actor } from './actor.ts'
import { holder, holders, type Kind, liars, newcomer, newcomers } from './attack.ts'
import type { Damage } from './config-maps.ts'
import { type Circumstances, type Probing, World } from './world.ts'

/** What is left of what was granted: the CSRs, the ledger without them, or a ledger to which something happened. */
const evidences = ['stored', 'collected', 'deleted', 'garbled', 'truncated', 'newer'] as const satisfies (
  | Damage
  | 'stored'
  | 'collected'
)[]

export interface Attack {
  readonly probing: Probing
  readonly evidence: (typeof evidences)[number]
  /** Of {@link holders} or {@link newcomers}. */
  readonly victim: string
  /** Of {@link liars}. */
  readonly liar: string
  readonly kind: Kind
}

/** The reasons of the decisions. The victim's is null where it cannot ask: it has no Node, or is silent. */
export interface Fate {
  readonly liar: string
  readonly victim: string | null
}

export function attacksWith(probing: Probing): Attack[] {
  const kinds: Kind[] = ['address', 'name']
  return evidences.flatMap((evidence) => {
    // Of a newcomer there is no evidence to lose.
    const victims = evidence === 'stored' ? { ...holders, ...newcomers } : holders
    return Object.keys(victims).flatMap((victim) =>
      Object.keys(liars).flatMap((liar) => kinds.map((kind) => ({ probing, evidence, victim, liar, kind }))),
    )
  })
}

export async function run(
  t: TestContext,
  attack: Attack,
  circumstances: Pick<Circumstances, 'knowsCa'> = {},
): Promise<Fate> {
  const { probing } = attack
  const world = await World.create(t, { probing, ...circumstances })
  const victim = await setScene(world, attack)
  const liar = await liars[attack.liar]?.(world, attack.kind)
  const lied = await liar?.ask()
  const asked = mayAsk(attack) ? await reasonOf(victim) : null
  await world.close()
  return { liar: lied?.controller.reason ?? '', victim: asked }
}

async function setScene(world: World, { evidence, victim }: Attack): Promise<Actor> {
  const isHolder = victim in holders
  const one = await (isHolder ? holder(world) : newcomer(world))
  if (evidence === 'collected') await world.collect()
  else if (evidence !== 'stored') await world.damage(evidence)
  await (isHolder ? holders : newcomers)[victim]?.(one, world)
  return one
}

/** Refused by the webhook or by the controller. */
async function reasonOf(victim: Actor): Promise<string> {
  const { webhook, controller } = await victim.ask()
  return webhook.verdict === 'notYet' ? webhook.reason : controller.reason
}

export function expected(attack: Attack): Fate {
  return {
    liar: isContradicted(attack) ? refusal(attack) : 'Conforms',
    victim: mayAsk(attack) ? reasonForVictim(attack) : null,
  }
}

const isProbed = ({ probing }: Attack): boolean => probing === 'tell' || probing === 'require'
const isKept = ({ evidence }: Attack): boolean => evidence === 'stored' || evidence === 'collected'
/** No Node reports what is attacked. */
const isAbsent = ({ victim }: Attack): boolean =>
  /was deleted a (second|minute)|reports nothing/u.test(victim)
const isSilent = ({ victim }: Attack): boolean => /silent|off/u.test(victim)
/** What becomes of victims whose evidence is lost too, the tests of the ledger show. */
const mayAsk = (attack: Attack): boolean => isKept(attack) && !isAbsent(attack) && !isSilent(attack)
const contested = ({ kind }: Attack): string => (kind === 'name' ? 'NameContested' : 'AddressContested')

/** Without ledger and Node only a certificate that answers speaks for the victim, and it answers at an address. */
function isContradicted(attack: Attack): boolean {
  const { evidence, kind, probing } = attack
  if (evidence !== 'deleted' || !isAbsent(attack)) return true
  return kind === 'address' && isProbed(attack) && (!isSilent(attack) || probing === 'require')
}

function refusal(attack: Attack): string {
  const { kind, probing } = attack
  const isUnknown = !isKept(attack) && isAbsent(attack) && isSilent(attack)
  return kind === 'address' && probing === 'require' && isUnknown ? 'AddressUnproven' : contested(attack)
}

/** Whoever holds what it asks for is served; others if their machine shows who they are, and the liar's that it is another. */
function reasonForVictim(attack: Attack): string {
  const { victim, kind } = attack
  if (victim === 'lives' || victim === 'was set up again under its Node') return 'Conforms'
  if (!isProbed(attack)) return contested(attack)
  if (victim === 'was deleted and made again') return 'Conforms'
  return kind === 'address' && isShown(attack) ? 'Conforms' : contested(attack)
}

function isShown({ victim, liar }: Attack): boolean {
  const isWaiting = victim === 'was set up again, its Node too' || victim === 'has not asked yet'
  const isLiarNew = liar === 'as a new Node' || liar === 'as a Node that made itself again'
  return victim === 'is served by another approver' || (isWaiting && !isLiarNew)
}
