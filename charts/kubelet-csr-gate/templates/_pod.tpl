{{/* An HTTP probe of the metrics port: (list path host) */}}
{{- define "kubelet-csr-gate.probe" -}}
httpGet:
  path: {{ index . 0 }}
  port: metrics
  {{- with index . 1 }}
  host: {{ . }}
  {{- end }}
{{- end }}

{{/* Names of the values that a component may have of its own. */}}
{{- define "kubelet-csr-gate.podNames" -}}
[resources, nodeSelector, tolerations, affinity, topologySpreadConstraints, priorityClassName, podAnnotations, podLabels, strategy]
{{- end }}

{{/*
The values of the pods of a component, as JSON: those of the component, else those of all pods, else those of the profile. "" for the
pods of hooks. (list $ component)
*/}}
{{- define "kubelet-csr-gate.podValues" -}}
{{- $values := (index . 0).Values }}
{{- $own := get $values (index . 1) | default dict }}
{{- $pod := include "kubelet-csr-gate.profile" (index . 0) | fromYaml }}
{{- $names := include "kubelet-csr-gate.podNames" . | fromYamlArray }}
{{- range $given := list $values $own }}
{{- range $name, $value := $given }}
{{- if or (not (has $name $names)) (kindIs "invalid" $value) }}
{{- else if has $name (list "podAnnotations" "podLabels") }}
{{- $_ := set $pod $name (merge dict $value (get $pod $name | default dict)) }}
{{- else }}
{{- $_ := set $pod $name $value }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $pod }}
{{- end }}

{{/* The topology spread constraints: (list $ component values). One without a labelSelector selects the pods of the workload. */}}
{{- define "kubelet-csr-gate.spread" -}}
{{- $ours := dict "labelSelector" (dict "matchLabels" (include "kubelet-csr-gate.podSelector" . | fromYaml)) }}
{{- $onePerNode := dict "maxSkew" 1 "topologyKey" "kubernetes.io/hostname" "whenUnsatisfiable" "ScheduleAnyway" }}
{{- $all := list }}
{{- range (index . 2).topologySpreadConstraints | default (list $onePerNode) }}
{{- $all = append $all (merge (deepCopy .) $ours) }}
{{- end }}
{{- toYaml $all }}
{{- end }}

{{/*
The affinity of the values, or else a preference for control-plane nodes: a pod that may approve certificates is safest where only
cluster operators run workloads. To it comes a preferred anti-affinity between the pods of a Deployment. A spread constraint would
not outweigh the preference: with a single control-plane node, both pods would run on it. (list $ component values)
*/}}
{{- define "kubelet-csr-gate.affinity" -}}
{{- $values := index . 2 }}
{{- $selector := dict "matchLabels" (include "kubelet-csr-gate.podSelector" . | fromYaml) }}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" $selector }}
{{- $apart := dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "podAffinityTerm" $term)) }}
{{- $ours := ternary (dict "podAntiAffinity" $apart) dict (eq $values.kind "Deployment") }}
{{- $onControlPlane := dict "matchExpressions" (list (dict "key" "node-role.kubernetes.io/control-plane" "operator" "Exists")) }}
{{- $preferred := dict "preferredDuringSchedulingIgnoredDuringExecution" (list (dict "weight" 100 "preference" $onControlPlane)) }}
{{- $given := ternary (dict "nodeAffinity" $preferred) $values.affinity (kindIs "invalid" $values.affinity) }}
{{- toYaml (merge (deepCopy $given) $ours) }}
{{- end }}

{{/*
The tolerations of the values. The pods of a Deployment leave a lost node after 5 s, and others start elsewhere. Kubernetes
would wait 5 minutes. A DaemonSet has no other node.
*/}}
{{- define "kubelet-csr-gate.tolerations" -}}
{{- $tolerations := .tolerations }}
{{- if eq .kind "Deployment" }}
{{- range list "node.kubernetes.io/not-ready" "node.kubernetes.io/unreachable" }}
{{- $tolerations = append $tolerations (dict "key" . "operator" "Exists" "effect" "NoExecute" "tolerationSeconds" 5) }}
{{- end }}
{{- end }}
{{- toYaml $tolerations }}
{{- end }}
