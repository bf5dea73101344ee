{{/*
The spec of a pod that runs scripts of this chart with the Node.js of the image, on the nodes where the pods run:
(dict "top" $ "account" name "containers" (list (dict "name" … "script" … "env" (dict NAME value)))
*/}}
{{- define "kubelet-csr-gate.scriptPod" -}}
{{- $top := .top -}}
{{- $folder := "/var/run/secrets/kubernetes.io/serviceaccount" -}}
restartPolicy: Never
serviceAccountName: {{ .account }}
automountServiceAccountToken: false
enableServiceLinks: false
hostNetwork: {{ $top.Values.hostNetwork }}
{{- with $top.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $top.Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $top.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $top.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  {{- range .containers }}
  - name: {{ .name }}
    image: {{ include "kubelet-csr-gate.image" $top }}
    imagePullPolicy: {{ $top.Values.image.pullPolicy }}
    command: [/usr/local/bin/node]
    args:
      - --input-type=module
      - --eval
      - |
        {{- $top.Files.Get "scripts/api.mjs" | nindent 8 }}
        {{- $top.Files.Get (printf "scripts/%s.mjs" .script) | nindent 8 }}
    # the last line of output is in the pod's status, which can be read without the kubelet
    terminationMessagePolicy: FallbackToLogsOnError
    env:
      - {name: TOKEN_FILE, value: {{ $folder }}/token}
      - {name: NODE_EXTRA_CA_CERTS, value: {{ $folder }}/ca.crt}
      {{- if $top.Values.kubeApi.host }}
      - {name: KUBERNETES_SERVICE_HOST, value: {{ $top.Values.kubeApi.host | quote }}}
      - {name: KUBERNETES_SERVICE_PORT, value: {{ $top.Values.kubeApi.port | quote }}}
      {{- end }}
      {{- range $name, $value := .env }}
      - {name: {{ $name }}, value: {{ $value | quote }}}
      {{- end }}
    {{- with $top.Values.securityContext }}
    securityContext:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $top.Values.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      - {name: service-account, mountPath: {{ $folder }}, readOnly: true}
  {{- end }}
volumes:
  - name: service-account
    projected:
      sources:
        # the shortest lifetime that API servers allow: ten minutes
        - serviceAccountToken: {path: token, expirationSeconds: 600}
        - configMap:
            name: kube-root-ca.crt
            items: [{key: ca.crt, path: ca.crt}]
{{- end }}

{{/* Name, labels and annotations of an object that exists only for a hook: (dict "top" $ "name" … "hook" … "weight" …) */}}
{{- define "kubelet-csr-gate.hookMetadata" -}}
name: {{ .name }}
{{- if .namespace }}
namespace: {{ .namespace }}
{{- end }}
labels:
  app.kubernetes.io/name: {{ .name }}
  app.kubernetes.io/instance: {{ .top.Release.Name }}
  app.kubernetes.io/managed-by: {{ .top.Release.Service }}
  {{- with .top.Values.commonLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  helm.sh/hook: {{ .hook }}
  helm.sh/hook-weight: {{ .weight | quote }}
  helm.sh/hook-delete-policy: {{ .delete | default "before-hook-creation,hook-succeeded" }}
{{- end }}
