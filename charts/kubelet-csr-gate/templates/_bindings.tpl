{{/* Binds the ClusterRole `name` to service accounts: (list $ name accounts) */}}
{{- define "kubelet-csr-gate.clusterBinding" -}}
{{- $top := index . 0 }}
{{- $name := index . 1 -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ $name }}
  labels:
    {{- include "kubelet-csr-gate.labels" $top | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: {{ $name }}
subjects:
  {{- range index . 2 }}
  - kind: ServiceAccount
    name: {{ . }}
    namespace: {{ $top.Release.Namespace }}
  {{- end }}
{{- end }}

{{/* Binds the Role `name` in `namespace` to service accounts: (list $ name namespace accounts) */}}
{{- define "kubelet-csr-gate.binding" -}}
{{- $top := index . 0 }}
{{- $name := index . 1 -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  namespace: {{ index . 2 }}
  labels:
    {{- include "kubelet-csr-gate.labels" $top | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $name }}
subjects:
  {{- range index . 3 }}
  - kind: ServiceAccount
    name: {{ . }}
    namespace: {{ $top.Release.Namespace }}
  {{- end }}
{{- end }}
