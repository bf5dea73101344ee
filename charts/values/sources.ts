import { configSchema } from '../../server/config.ts'
import { groupLike, OBJECT_NAME, text } from './kinds.ts'

const { sources: inFile } = configSchema.properties
const { inventory, clusterApi, dns } = inFile.properties
const { kubeconfigFile: _, ...machines } = clusterApi.properties

/** As in the config file. The ConfigMaps are in the namespace of the release, and so is the Secret of a kubeconfig. */
export const sources = groupLike(inFile, {
  inventory,
  clusterApi: groupLike(clusterApi, {
    ...machines,
    kubeconfigSecret: text(
      'Secret in the release namespace whose key `kubeconfig` is for the management cluster. Default: the Machines are in this cluster.',
      '',
      OBJECT_NAME,
    ),
  }),
  dns,
})
