import { nodeName } from '../../policies/node-name.ts'
import { shown } from '../../policies/text.ts'
import { readList } from '../cluster/read-list.ts'
import { problemOf } from '../cluster/refusal.ts'
import type { Session } from '../cluster/session.ts'
import { EXIT } from '../exit-codes.ts'
import { csrList } from '../cluster/csr-list.ts'
import type { Named } from './named.ts'
import { selectSubject, type SubjectReading, subjectOfObject } from './subject.ts'

/** Reads the CSR of that name, or the newest of the Node of that name. */
export async function readSubject(session: Session, { kind, name }: Named): Promise<SubjectReading> {
  const csr = kind === 'node' ? null : await csrNamed(session, name)
  if (csr !== null) return csr
  const newest = kind === 'csr' ? null : await newestOf(session, name)
  if (newest !== null) return newest
  const what = { any: 'CSR, Node with a CSR, or file', csr: 'CSR', node: 'CSR of Node', file: 'file' }[kind]
  return {
    ok: false,
    problem: {
      message: `there is no ${what} ${shown(name)}. The cluster keeps a CSR for an hour. One that the webhook refused is not stored: see the log of the kubelet`,
      exitCode: EXIT.usage,
    },
  }
}

async function csrNamed({ cluster, server }: Session, name: string): Promise<SubjectReading | null> {
  const answer = await cluster.call({ method: 'GET', path: `${csrList.path}/${encodeURIComponent(name)}` })
  if (answer.ok) return subjectOfObject(answer.object)
  return answer.status === 404 ? null : { ok: false, problem: problemOf(answer, 'the CSR', server) }
}

async function newestOf(session: Session, node: string): Promise<SubjectReading | null> {
  const listed = await readList(session, { ...csrList, select: selectSubject })
  if (!listed.ok) return listed
  const [subject] = listed.items
    .filter(({ reading: { csr } }) => nodeName(csr.requester.username) === node)
    // Of two in the same second, the one that was listed last.
    .toReversed()
    .toSorted((one, other) => other.reading.csr.createdAt - one.reading.csr.createdAt)
  return subject === undefined ? null : { ok: true, subject }
}
