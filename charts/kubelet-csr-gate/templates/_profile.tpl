{{/*
What a profile decides, in one place. On the network of the node, each pod runs webhook and controller: two pods on a node could not
use the same ports, and the kubelet uses 10250. With `controlPlane` there may be no pod network, so each API server calls the pod on
its own node, and nothing else can.
*/}}
{{- define "kubelet-csr-gate.profile" -}}
{{- $onHost := ne .Values.profile "cluster" }}
{{- $onControlPlane := eq .Values.profile "controlPlane" }}
{{- $port := .Values.webhook.port | default (ternary 9443 10250 $onHost) | int }}
{{- $isIPv6 := eq .Values.listenAddress "::" -}}
kind: {{ ternary "DaemonSet" "Deployment" $onControlPlane }}
hostNetwork: {{ $onHost }}
webhookPort: {{ $port }}
metricsPort: {{ .Values.metrics.port | default (ternary 9444 8080 $onHost) | int }}
{{- if $onControlPlane }}
loopback: {{ ternary "::1" "127.0.0.1" $isIPv6 | quote }}
url: https://{{ ternary "[::1]" "127.0.0.1" $isIPv6 }}:{{ $port }}/validate
nodeSelector: {node-role.kubernetes.io/control-plane: ""}
tolerations:
  - {key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}
  - {key: node.kubernetes.io/not-ready, operator: Exists}
  - {key: node.kubernetes.io/network-unavailable, operator: Exists, effect: NoSchedule}
  - {key: node.cloudprovider.kubernetes.io/uninitialized, operator: Exists, effect: NoSchedule}
{{- else }}
url: {{ .Values.webhook.url | quote }}
nodeSelector: {}
tolerations:
  - {key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}
{{- end }}
{{- end }}
