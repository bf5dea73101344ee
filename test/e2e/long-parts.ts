/** Parts that run only if they are named: each is a cluster or more of its own, and takes as long as all others together. */
import { doctor } from './doctor.ts'
import { orders } from './orders.ts'
import { ownership } from './ownership.ts'
import { pictures } from './pictures.ts'
import type { Proof } from './proof.ts'
import type { Workspace } from './workspace.ts'

interface PartOptions {
  readonly proof: Proof
  readonly workspace: Workspace
  /** Builds the image archive of the product; returns its path. */
  readonly image: () => Promise<string>
  /** Which of its cases to run; all if empty. */
  readonly only: string
}

interface LongPart {
  readonly title: string
  readonly run: (options: PartOptions) => Promise<void>
}

export const longParts: Readonly<Record<string, LongPart>> = {
  orders: {
    title: 'approve, in every order in which a cluster comes up',
    run: ({ proof, workspace }) => orders(proof, workspace),
  },
  doctor: {
    title: 'doctor, on a cluster that is broken in one way after the other',
    run: async ({ proof, workspace, image, only }) =>
      doctor(proof, workspace, await image(), { typed: false, only }),
  },
  fixes: {
    title:
      'The fix that doctor prints, typed as it stands, on a cluster that is broken in one way after the other',
    run: async ({ proof, workspace, image, only }) =>
      doctor(proof, workspace, await image(), { typed: true, only }),
  },
  ownership: {
    title: 'Whose an address is',
    run: async ({ proof, workspace, image, only }) => ownership(proof, workspace, await image(), only),
  },
  pictures: {
    title: 'Pictures of the command line',
    run: ({ proof, workspace }) => pictures(proof, workspace),
  },
}
