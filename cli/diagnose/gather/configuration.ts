import type { Known } from '../../../policies/types.ts'
import { isObject, objectAt, textAt } from '../../../server/json.ts'
import { readYaml } from '../../../server/policy/yaml.ts'
import type { Json, JsonObject } from '../../../server/ports.ts'
import type { Session } from '../../cluster/session.ts'
import type { KubeadmFlags, KubeletDefaults } from '../facts.ts'
import { itemsOf, readObject } from './read.ts'

const CONFIG_MAPS = '/api/v1/namespaces/kube-system/configmaps'

/** Reads what `kubeadm upgrade` will make of the API server's flags; null if kubeadm did not make the cluster. */
export async function readKubeadm(session: Session): Promise<Known<KubeadmFlags | null>> {
  const read = await readDocument(session, 'kubeadm-config', 'ClusterConfiguration')
  if (!read.known || read.value === null) return read.known ? { known: true, value: null } : read
  return { known: true, value: { apiServer: extraArgsOf(objectAt(read.value, 'apiServer')) } }
}

/** Reads with which configuration new nodes join; null if there is none in the cluster. */
export async function readKubeletConfig(session: Session): Promise<Known<KubeletDefaults | null>> {
  const read = await readDocument(session, 'kubelet-config', 'kubelet')
  if (!read.known || read.value === null) return read.known ? { known: true, value: null } : read
  return { known: true, value: defaultsOf(read.value) }
}

function defaultsOf(configuration: JsonObject): KubeletDefaults {
  return {
    serverTLSBootstrap: configuration['serverTLSBootstrap'] === true,
    rotateCertificates: configuration['rotateCertificates'] === true,
    rotationGateOff: objectAt(configuration, 'featureGates')['RotateKubeletServerCertificate'] === false,
  }
}

async function readDocument(session: Session, name: string, key: string): Promise<Known<JsonObject | null>> {
  const read = await readObject(session, `${CONFIG_MAPS}/${name}`, `the ConfigMap kube-system/${name}`)
  if (!read.known || read.value === null) return read
  const document = readYaml(textAt(objectAt(read.value, 'data'), key))
  if (document.ok && isObject(document.content)) return { known: true, value: document.content }
  return { known: false, because: `${key} of the ConfigMap kube-system/${name} is not a YAML map` }
}

/** A map until v1beta3, a list of names and values since v1beta4. */
function extraArgsOf(component: JsonObject): ReadonlyMap<string, string> {
  const listed = itemsOf(component, 'extraArgs').map(
    (entry) => [textAt(entry, 'name'), textAt(entry, 'value')] as const,
  )
  const mapped = Object.entries(objectAt(component, 'extraArgs')).map(
    ([name, value]: [string, Json | undefined]) => [name, typeof value === 'string' ? value : ''] as const,
  )
  return new Map([...listed, ...mapped])
}
