{{/* What all pods read at the start: server/config.ts. Groups that are values, too, are passed on as they are. */}}
{{- define "kubelet-csr-gate.config" -}}
{{- $folder := "/etc/kubelet-csr-gate" }}
{{- $profile := include "kubelet-csr-gate.profile" . | fromYaml -}}
namespace: {{ include "kubelet-csr-gate.namespace" . | toYaml }}
listenAddress: {{ $profile.loopback | default .Values.listenAddress | quote }}
webhook:
  enabled: {{ .Values.webhook.enabled }}
  port: {{ $profile.webhookPort }}
  callers: {{ toJson .Values.networkPolicy.apiServers }}
  {{- if .Values.webhook.clientCA }}
  clientCAFile: {{ $folder }}/config/client-ca.crt
  {{- end }}
controller: {{ pick .Values.controller "enabled" | toJson }}
leaderElection:
  resourceName: {{ include "kubelet-csr-gate.fullname" . | toYaml }}
guard: {{ omit .Values.guard "failurePolicy" | toJson }}
kubelet:
  {{- omit .Values.kubelet "ca" | toYaml | nindent 2 }}
  {{- if .Values.kubelet.ca }}
  caFile: {{ $folder }}/config/kubelet-ca.crt
  {{- end }}
sources:
  {{- omit .Values.sources "clusterApi" | toYaml | nindent 2 }}
  clusterApi:
    {{- omit .Values.sources.clusterApi "kubeconfigSecret" | toYaml | nindent 4 }}
    {{- if .Values.sources.clusterApi.kubeconfigSecret }}
    kubeconfigFile: {{ $folder }}/machines/kubeconfig
    {{- end }}
ledger:
  name: {{ include "kubelet-csr-gate.fullname" . }}-ledger
{{- if include "kubelet-csr-gate.selfSigned" . }}
tls:
  mode: selfSigned
  secretName: {{ include "kubelet-csr-gate.tlsSecretName" . | toYaml }}
  names: [{{ include "kubelet-csr-gate.tlsName" . | quote }}]
  webhookConfiguration: {{ include "kubelet-csr-gate.clusterName" (list . "") | toYaml }}
{{- end }}
metrics: {port: {{ $profile.metricsPort }}}
drainSeconds: {{ .Values.drainSeconds }}
{{- end }}
