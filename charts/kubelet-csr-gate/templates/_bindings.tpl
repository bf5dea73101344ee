{{/* Binds the ClusterRole `name` to service accounts: (list $ name accounts) */}}
{{- define "kubelet-csr-gate.clusterBinding" -}}
{{- $top := index . 0 }}
{{- $name := index . 1 -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  {{- include "kubelet-csr-gate.metadata" (dict "top" $top "name" $name "scope" "Cluster") | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ toYaml $name }}
subjects:
  {{- range index . 2 }}
  - kind: ServiceAccount
    name: {{ toYaml . }}
    namespace: {{ include "kubelet-csr-gate.namespace" $top | toYaml }}
  {{- end }}
{{- end }}

{{/* Binds the Role `name` in `namespace` to service accounts: (list $ name namespace accounts) */}}
{{- define "kubelet-csr-gate.binding" -}}
{{- $top := index . 0 }}
{{- $name := index . 1 -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "kubelet-csr-gate.metadata" (dict "top" $top "name" $name "namespace" (index . 2)) | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ toYaml $name }}
subjects:
  {{- range index . 3 }}
  - kind: ServiceAccount
    name: {{ toYaml . }}
    namespace: {{ include "kubelet-csr-gate.namespace" $top | toYaml }}
  {{- end }}
{{- end }}
