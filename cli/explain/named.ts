/** What the argument of `explain` names. */
export interface Named {
  /** `any`: a CSR, or else a Node. */
  readonly kind: 'file' | 'csr' | 'node' | 'any'
  readonly name: string
}

const CSR = /^(?:csr|certificatesigningrequests?(?:\.certificates\.k8s\.io)?)\/(?<name>.+)$/u
const NODE = /^(?:no|nodes?)\/(?<name>.+)$/u
/** The name of an object has no slash, and is not written with these endings. */
const FILE = /\/|^-$|\.(?:ya?ml|json|pem|csr|der)$/u

/** @param isFile whether there is a file of that name: it counts before an object of the cluster */
export function namedBy(given: string, isFile: boolean): Named {
  if (isFile) return { kind: 'file', name: given }
  const csr = CSR.exec(given)?.groups?.['name']
  if (csr !== undefined) return { kind: 'csr', name: csr }
  const node = NODE.exec(given)?.groups?.['name']
  if (node !== undefined) return { kind: 'node', name: node }
  return { kind: FILE.test(given) ? 'file' : 'any', name: given }
}
