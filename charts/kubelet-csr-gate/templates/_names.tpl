{{- define "kubelet-csr-gate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "kubelet-csr-gate.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "kubelet-csr-gate.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "kubelet-csr-gate.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* The namespace of the objects. */}}
{{- define "kubelet-csr-gate.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace }}
{{- end }}

{{/*
The name of an object outside the namespace of the release: (list $ "-controller"), or (list $ "") without a suffix. Releases
of the same name in other namespaces must not share it: the namespace is appended, unless it is called as the release is.
No fullname has a dot, because a Service has it. So no two releases have one name.
*/}}
{{- define "kubelet-csr-gate.clusterName" -}}
{{- $fullname := include "kubelet-csr-gate.fullname" (index . 0) }}
{{- $namespace := include "kubelet-csr-gate.namespace" (index . 0) }}
{{- $fullname }}{{ index . 1 }}{{ if ne $fullname $namespace }}.{{ $namespace }}{{ end }}
{{- end }}

{{- define "kubelet-csr-gate.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kubelet-csr-gate.name" . | toYaml }}
app.kubernetes.io/instance: {{ toYaml .Release.Name }}
{{- end }}

{{- define "kubelet-csr-gate.labels" -}}
{{ include "kubelet-csr-gate.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The name of an object in a namespace, "" for that of the release: (list $ namespace "-dashboard") */}}
{{- define "kubelet-csr-gate.nameIn" -}}
{{- $top := index . 0 }}
{{- if has (index . 1) (list "" (include "kubelet-csr-gate.namespace" $top)) }}
{{- include "kubelet-csr-gate.fullname" $top }}{{ index . 2 }}
{{- else }}
{{- include "kubelet-csr-gate.clusterName" (list $top (index . 2)) }}
{{- end }}
{{- end }}

{{/*
The metadata of an object: (dict "top" $ "name" …). Optional: "namespace", if it is not that of the release; "scope" "Cluster"
for an object without one; "labels" and "annotations" of its own, which take precedence over those of all objects.
*/}}
{{- define "kubelet-csr-gate.metadata" -}}
{{- $top := .top -}}
{{- $ours := include "kubelet-csr-gate.labels" $top | fromYaml -}}
name: {{ toYaml .name }}
{{- if ne .scope "Cluster" }}
namespace: {{ toYaml (.namespace | default (include "kubelet-csr-gate.namespace" $top)) }}
{{- end }}
labels:
  {{- toYaml (merge dict (.labels | default dict) $ours $top.Values.commonLabels) | nindent 2 }}
{{- with merge dict (.annotations | default dict) $top.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The service account of a component: (list $ "webhook") */}}
{{- define "kubelet-csr-gate.account" -}}
{{- $top := index . 0 }}
{{- $component := index . 1 }}
{{- (get $top.Values $component).serviceAccount.name | default (printf "%s-%s" (include "kubelet-csr-gate.fullname" $top) $component) }}
{{- end }}

{{- define "kubelet-csr-gate.image" -}}
{{- $repository := .Values.image.repository }}
{{- with .Values.global.imageRegistry | default .Values.image.registry }}{{ $repository = printf "%s/%s" (trimSuffix "/" .) $repository }}{{ end }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}
{{- end }}

{{/* imagePullSecrets of a pod, or nothing. Those of an umbrella chart may be names alone. */}}
{{- define "kubelet-csr-gate.imagePullSecrets" -}}
{{- $all := .Values.imagePullSecrets }}
{{- range .Values.global.imagePullSecrets }}
{{- $all = append $all (kindIs "string" . | ternary (dict "name" .) .) }}
{{- end }}
{{- with $all | uniq -}}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "kubelet-csr-gate.selfSigned" -}}
{{- if and .Values.webhook.enabled (eq .Values.tls.mode "selfSigned") }}true{{ end }}
{{- end }}

{{- define "kubelet-csr-gate.certManager" -}}
{{- if and .Values.webhook.enabled (eq .Values.tls.mode "certManager") }}true{{ end }}
{{- end }}

{{/*
The Secret with the serving certificate. Each tls.mode has its own name: when the mode changes, Helm deletes the Secret of
selfSigned, which must not be the one that cert-manager has just written.
*/}}
{{- define "kubelet-csr-gate.tlsSecretName" -}}
{{- if include "kubelet-csr-gate.selfSigned" . }}
{{- include "kubelet-csr-gate.fullname" . }}-tls
{{- else if include "kubelet-csr-gate.certManager" . }}
{{- include "kubelet-csr-gate.fullname" . }}-serving
{{- else }}
{{- .Values.tls.existingSecret.name }}
{{- end }}
{{- end }}

{{/* The name that API servers verify in the certificate: the name of the Service, or the host of the URL. */}}
{{- define "kubelet-csr-gate.tlsName" -}}
{{- with (include "kubelet-csr-gate.profile" . | fromYaml).url }}
{{- $host := (urlParse .).host }}
{{- regexReplaceAll "^\\[(.*)\\]$" (regexReplaceAll ":[0-9]+$" $host "") "${1}" }}
{{- else }}
{{- printf "%s.%s.svc" (include "kubelet-csr-gate.fullname" .) (include "kubelet-csr-gate.namespace" .) }}
{{- end }}
{{- end }}

{{/* How API servers reach the webhook. */}}
{{- define "kubelet-csr-gate.clientConfig" -}}
{{- with (include "kubelet-csr-gate.profile" . | fromYaml).url -}}
url: {{ . | quote }}
{{- else -}}
service:
  name: {{ include "kubelet-csr-gate.fullname" . | toYaml }}
  namespace: {{ include "kubelet-csr-gate.namespace" . | toYaml }}
  path: /validate
  port: 443
{{- end }}
{{- /* written by the pods, or by the injector of cert-manager. Not rendered, so that upgrades and re-applies keep it */}}
{{- with .Values.webhook.caBundle }}
caBundle: {{ b64enc . }}
{{- end }}
{{- end }}
