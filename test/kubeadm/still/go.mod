module kubelet-csr-gate/still

go 1.24
