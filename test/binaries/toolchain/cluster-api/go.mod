module kubelet-csr-gate.dev/toolchain/cluster-api

go 1.26.8

require sigs.k8s.io/cluster-api v1.14.2
