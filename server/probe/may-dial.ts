import { isAddress } from '../../policies/address.ts'
import { reservedAddress } from '../../policies/reserved.ts'
import type { Rules } from '../../policies/rules.ts'
import type { Address, Known, Reservation } from '../../policies/types.ts'

/** No reserved address, whoever asks for it; but the API server's own, since a control-plane Node has it too. */
export function mayDial(address: Address, reserved: Known<readonly Reservation[]>, rules: Rules): boolean {
  // What a request calls an address may have any length, and would be dialled as a host's name.
  if (!reserved.known || !isAddress(address)) return false
  const holder = reservedAddress(address, { cluster: { reserved } }, rules)
  return holder === undefined || holder.apiServer
}
