{{/*
The spec of a pod that runs scripts of this chart with the Node.js of the image, on the nodes where the pods run:
(dict "top" $ "account" name "containers" (list (dict "name" … "script" … "env" (dict NAME value)))
*/}}
{{- define "kubelet-csr-gate.scriptPod" -}}
{{- $top := .top -}}
{{- $folder := "/var/run/secrets/kubernetes.io/serviceaccount" }}
{{- $pod := include "kubelet-csr-gate.podValues" (list $top "") | fromJson -}}
restartPolicy: Never
serviceAccountName: {{ toYaml .account }}
automountServiceAccountToken: false
enableServiceLinks: false
hostNetwork: {{ $pod.hostNetwork }}
{{- with $top.Values.runtimeClassName }}
runtimeClassName: {{ toYaml . }}
{{- end }}
{{- with include "kubelet-csr-gate.imagePullSecrets" $top }}
{{ . }}
{{- end }}
{{- with $top.Values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $top.Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.tolerations }}
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
    {{- with $pod.resources }}
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

{{/*
The metadata of an object that exists only for a hook: (dict "top" $ "name" … "hook" … "weight" …). Its name label is another
one, so that no Service and no workload selects a pod of a hook.
*/}}
{{- define "kubelet-csr-gate.hookMetadata" -}}
{{- $labels := dict "app.kubernetes.io/name" (printf "%s-hook" (include "kubelet-csr-gate.fullname" .top)) }}
{{- $delete := .delete | default "before-hook-creation,hook-succeeded" }}
{{- $annotations := dict "helm.sh/hook" .hook "helm.sh/hook-weight" .weight "helm.sh/hook-delete-policy" $delete }}
{{- include "kubelet-csr-gate.metadata" (merge (dict "labels" $labels "annotations" $annotations) .) }}
{{- end }}
