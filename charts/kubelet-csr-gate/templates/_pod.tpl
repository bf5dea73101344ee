{{/* An HTTP probe of the observe port: (list path host) */}}
{{- define "gate.probe" -}}
httpGet:
  path: {{ index . 0 }}
  port: observe
  {{- with index . 1 }}
  host: {{ . }}
  {{- end }}
{{- end }}

{{/* How the pods spread over nodes, each constraint on the pods of this release unless it says otherwise. */}}
{{- define "gate.spread" -}}
{{- $ours := dict "labelSelector" (dict "matchLabels" (include "gate.selectorLabels" . | fromYaml)) }}
{{- $onePerNode := dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway" }}
{{- $all := list }}
{{- range (.Values.topologySpreadConstraints | default (list $onePerNode)) }}
{{- $all = append $all (merge (deepCopy .) $ours) }}
{{- end }}
{{- toYaml $all }}
{{- end }}
