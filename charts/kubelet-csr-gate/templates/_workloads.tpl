{{/*
The workloads, as a JSON list: what each runs, with which account and values, and whether it keeps the self-signed certificate.

The workload with the webhook has the same name and selector in each profile, and the same kind in `cluster` and `hostNetwork`: when
the profile changes, its pods are replaced one by one, and the Service selects the old and the new ones. Without the controller
there is no other process to keep the certificate, so the pods of the webhook do.
*/}}
{{- define "kubelet-csr-gate.workloads" -}}
{{- $fullname := include "kubelet-csr-gate.fullname" . }}
{{- $hasWebhook := .Values.webhook.enabled }}
{{- $hasController := .Values.controller.enabled }}
{{- $runsBoth := and $hasWebhook $hasController (include "kubelet-csr-gate.profile" . | fromYaml).hostNetwork }}
{{- $isSelfSigned := include "kubelet-csr-gate.selfSigned" . | eq "true" }}
{{- $workloads := list }}
{{- if $hasWebhook }}
{{- $keeps := and $isSelfSigned (or $runsBoth (not $hasController)) }}
{{- $account := include "kubelet-csr-gate.account" (list . (ternary "controller" "webhook" $runsBoth)) }}
{{- $pod := include "kubelet-csr-gate.podValues" (list . "webhook") | fromJson }}
{{- $workloads = append $workloads (dict "name" $fullname "component" "webhook" "webhook" true "controller" $runsBoth "keeps" $keeps "account" $account "replicas" .Values.webhook.replicas "pod" $pod) }}
{{- end }}
{{- if and $hasController (not $runsBoth) }}
{{- $account := include "kubelet-csr-gate.account" (list . "controller") }}
{{- $pod := include "kubelet-csr-gate.podValues" (list . "controller") | fromJson }}
{{- $workloads = append $workloads (dict "name" (printf "%s-controller" $fullname) "component" "controller" "webhook" false "controller" true "keeps" $isSelfSigned "account" $account "replicas" .Values.controller.replicas "pod" $pod) }}
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
