{{/* An HTTP probe of the metrics port: (list path host) */}}
{{- define "kubelet-csr-gate.probe" -}}
httpGet:
  path: {{ index . 0 }}
  port: metrics
  {{- with index . 1 }}
  host: {{ . }}
  {{- end }}
{{- end }}

{{/* How the pods spread over nodes, each constraint on the pods of this release unless it says otherwise. */}}
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
The affinity of the values, and for a Deployment a wish to keep the pods apart: a spread constraint alone would not
outweigh the wish for control-plane nodes, and where there is one of those both pods would share it.
*/}}
{{- define "kubelet-csr-gate.affinity" -}}
{{- $selector := dict "matchLabels" (include "kubelet-csr-gate.selectorLabels" . | fromYaml) }}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" $selector }}
{{- $apart := dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term)) }}
{{- $ours := ternary (dict "podAntiAffinity" $apart) dict (eq .Values.kind "Deployment") }}
{{- toYaml (merge (deepCopy .Values.affinity) $ours) }}
{{- end }}
