{{/* An HTTP probe of the metrics port: (list path host) */}}
{{- define "kubelet-csr-gate.probe" -}}
httpGet:
  path: {{ index . 0 }}
  port: metrics
  {{- with index . 1 }}
  host: {{ . }}
  {{- end }}
{{- end }}

{{/* The topology spread constraints. A constraint without a labelSelector selects the pods of this release. */}}
{{- define "kubelet-csr-gate.spread" -}}
{{- $ours := dict "labelSelector" (dict "matchLabels" (include "kubelet-csr-gate.selectorLabels" . | fromYaml)) }}
{{- $onePerNode := dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway" }}
{{- $all := list }}
{{- range (.Values.topologySpreadConstraints | default (list $onePerNode)) }}
{{- $all = append $all (merge (deepCopy .) $ours) }}
{{- end }}
{{- toYaml $all }}
{{- end }}

{{/*
The affinity of the values, plus a preferred anti-affinity between the pods of a Deployment. A spread constraint would not
outweigh the preference for control-plane nodes: with a single control-plane node, both pods would run on it.
*/}}
{{- define "kubelet-csr-gate.affinity" -}}
{{- $selector := dict "matchLabels" (include "kubelet-csr-gate.selectorLabels" . | fromYaml) }}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" $selector }}
{{- $apart := dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term)) }}
{{- $ours := ternary (dict "podAntiAffinity" $apart) dict (eq .Values.kind "Deployment") }}
{{- toYaml (merge (deepCopy .Values.affinity) $ours) }}
{{- end }}
