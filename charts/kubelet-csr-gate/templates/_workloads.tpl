{{/*
The workloads, as a JSON list: what each runs, with which account, and whether it keeps the self-signed certificate.

The workload with the webhook has the same name, kind and selector in both topologies: when the topology changes, its pods are
replaced one by one, and the Service selects the old and the new ones. Without the controller there is no other process to
keep the certificate, so the pods of the webhook do.
*/}}
{{- define "kubelet-csr-gate.workloads" -}}
{{- $fullname := include "kubelet-csr-gate.fullname" . }}
{{- $webhook := .Values.webhook }}
{{- $controller := .Values.controller }}
{{- $isSplit := eq .Values.topology "split" }}
{{- $isSelfSigned := include "kubelet-csr-gate.selfSigned" . | eq "true" }}
{{- $workloads := list }}
{{- if $webhook.enabled }}
{{- $runsBoth := and $controller.enabled (not $isSplit) }}
{{- $keeps := and $isSelfSigned (or $runsBoth (not $controller.enabled)) }}
{{- $account := include "kubelet-csr-gate.account" (list . (ternary "controller" "webhook" $runsBoth)) }}
{{- $resources := $webhook.resources | default (ternary $controller.resources dict $runsBoth) }}
{{- $workloads = append $workloads (dict "name" $fullname "component" "webhook" "webhook" true "controller" $runsBoth "keeps" $keeps "account" $account "replicas" $webhook.replicas "resources" $resources) }}
{{- end }}
{{- if and $controller.enabled (or $isSplit (not $webhook.enabled)) }}
{{- $account := include "kubelet-csr-gate.account" (list . "controller") }}
{{- $workloads = append $workloads (dict "name" (printf "%s-controller" $fullname) "component" "controller" "webhook" false "controller" true "keeps" $isSelfSigned "account" $account "replicas" $controller.replicas "resources" $controller.resources) }}
{{- end }}
{{- toJson $workloads }}
{{- end }}

{{/* The labels that select the pods of a workload: (list $ component) */}}
{{- define "kubelet-csr-gate.podSelector" -}}
{{ include "kubelet-csr-gate.selectorLabels" (index . 0) }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* The service accounts of the enabled components, as a JSON list. */}}
{{- define "kubelet-csr-gate.accounts" -}}
{{- $accounts := list }}
{{- range $component := list "webhook" "controller" }}
{{- if (get $.Values $component).enabled }}
{{- $accounts = append $accounts (include "kubelet-csr-gate.account" (list $ $component)) }}
{{- end }}
{{- end }}
{{- $accounts | uniq | toJson }}
{{- end }}
