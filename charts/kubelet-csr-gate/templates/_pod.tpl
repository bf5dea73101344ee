{{/* An HTTP probe of the metrics port: (list path host) */}}
{{- define "kubelet-csr-gate.probe" -}}
httpGet:
  path: {{ index . 0 }}
  port: metrics
  {{- with index . 1 }}
  host: {{ . }}
  {{- end }}
{{- end }}

{{/* The topology spread constraints: (list $ component). One without a labelSelector selects the pods of the workload. */}}
{{- define "kubelet-csr-gate.spread" -}}
{{- $ours := dict "labelSelector" (dict "matchLabels" (include "kubelet-csr-gate.podSelector" . | fromYaml)) }}
{{- $onePerNode := dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway" }}
{{- $all := list }}
{{- range ((index . 0).Values.topologySpreadConstraints | default (list $onePerNode)) }}
{{- $all = append $all (merge (deepCopy .) $ours) }}
{{- end }}
{{- toYaml $all }}
{{- end }}

{{/*
The affinity of the values, plus a preferred anti-affinity between the pods of a Deployment. A spread constraint would not
outweigh the preference for control-plane nodes: with a single control-plane node, both pods would run on it.
(list $ component)
*/}}
{{- define "kubelet-csr-gate.affinity" -}}
{{- $values := (index . 0).Values }}
{{- $selector := dict "matchLabels" (include "kubelet-csr-gate.podSelector" . | fromYaml) }}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" $selector }}
{{- $apart := dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term)) }}
{{- $ours := ternary (dict "podAntiAffinity" $apart) dict (eq $values.kind "Deployment") }}
{{- toYaml (merge (deepCopy $values.affinity) $ours) }}
{{- end }}

{{/*
The tolerations of the values. The pods of a Deployment leave a lost node after 5 s, and others start elsewhere. Kubernetes
would wait 5 minutes. A DaemonSet has no other node.
*/}}
{{- define "kubelet-csr-gate.tolerations" -}}
{{- $tolerations := .Values.tolerations }}
{{- if eq .Values.kind "Deployment" }}
{{- range list "node.kubernetes.io/not-ready" "node.kubernetes.io/unreachable" }}
{{- $tolerations = append $tolerations (dict "key" . "operator" "Exists" "effect" "NoExecute" "tolerationSeconds" 5) }}
{{- end }}
{{- end }}
{{- toYaml $tolerations }}
{{- end }}
