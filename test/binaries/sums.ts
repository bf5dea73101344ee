/**
 * SHA-256 of released files, by their official address. A sum here is believed before one that lies beside the file,
 * which finds a broken transfer, and not a host that was broken into.
 *
 * They are those that kubernetes-sigs/kubespray keeps in roles/kubespray_defaults/vars/main/checksums.yml (commit
 * 46dbdd399), copied by it from the projects. It has none of kube-apiserver and kube-controller-manager; the index of
 * kubernetes-sigs/controller-tools, envtest-releases.yaml, has archives of 1.36.0 and 1.36.2, not of our patch.
 */
export const SUMS: Readonly<Record<string, string>> = {
  'https://github.com/etcd-io/etcd/releases/download/v3.6.8/etcd-v3.6.8-linux-amd64.tar.gz':
    'cf9cfe91a4856cb90eed9c99e6aee4b708db2c7888b88a6f116281f04b0ea693',
  'https://github.com/etcd-io/etcd/releases/download/v3.6.8/etcd-v3.6.8-linux-arm64.tar.gz':
    '438f56a700d17ce761510a3e63e6fa5c1d587b2dd4d7a22c179c09a649366760',
  'https://dl.k8s.io/v1.36.3/bin/linux/amd64/kubeadm':
    'bba1733c701bf70ec74ba1cc3fd5745404c1134a8a4b0a5f8560cc9832023421',
  'https://dl.k8s.io/v1.36.3/bin/linux/arm64/kubeadm':
    '276cfbdc43b10fef663288cc1ed76abf77b1b7f700e9f1c053cb5dc3115484de',
  'https://dl.k8s.io/v1.36.3/bin/linux/amd64/kubectl':
    'ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336',
  'https://dl.k8s.io/v1.36.3/bin/linux/arm64/kubectl':
    '3d86f24401c41ae5a46ac50eef8865fe891d3647d324a0836f6c63757a126e62',
  'https://dl.k8s.io/v1.36.3/bin/linux/amd64/kubelet':
    '46707a53209f826ad0f0d62371ac69cd00e78fd9a8176cf5f6f87f18f7f8b718',
  'https://dl.k8s.io/v1.36.3/bin/linux/arm64/kubelet':
    '57205a5daf5883873d87b4914e1e00bdd7707acd075714788cfb0fc1f60bc414',
}
