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

{{- define "kubelet-csr-gate.selectorLabels" -}}
app.kubernetes.io/name: {{ include "kubelet-csr-gate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "kubelet-csr-gate.labels" -}}
{{ include "kubelet-csr-gate.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The service account of a component: (list $ "webhook") */}}
{{- define "kubelet-csr-gate.account" -}}
{{- $top := index . 0 }}
{{- $component := index . 1 }}
{{- (get $top.Values $component).serviceAccountName | default (printf "%s-%s" (include "kubelet-csr-gate.fullname" $top) $component) }}
{{- end }}

{{- define "kubelet-csr-gate.image" -}}
{{- $repository := .Values.image.repository }}
{{- with .Values.image.registry }}{{ $repository = printf "%s/%s" (trimSuffix "/" .) $repository }}{{ end }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) }}
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

{{/* The name that API servers verify in the certificate: the name of the Service, or the host of webhook.url. */}}
{{- define "kubelet-csr-gate.tlsName" -}}
{{- if .Values.webhook.url }}
{{- $host := (urlParse .Values.webhook.url).host }}
{{- regexReplaceAll "^\\[(.*)\\]$" (regexReplaceAll ":[0-9]+$" $host "") "${1}" }}
{{- else }}
{{- printf "%s.%s.svc" (include "kubelet-csr-gate.fullname" .) .Release.Namespace }}
{{- end }}
{{- end }}

{{/* The address to listen on if webhook.url is a loopback address; empty otherwise. */}}
{{- define "kubelet-csr-gate.loopback" -}}
{{- if hasPrefix "https://[::1]" .Values.webhook.url }}[::1]
{{- else if regexMatch "^https://(127\\.0\\.0\\.1|localhost)[:/]" .Values.webhook.url }}127.0.0.1
{{- end }}
{{- end }}

{{/* How API servers reach the webhook. */}}
{{- define "kubelet-csr-gate.clientConfig" -}}
{{- if .Values.webhook.url -}}
url: {{ .Values.webhook.url | quote }}
{{- else -}}
service:
  name: {{ include "kubelet-csr-gate.fullname" . }}
  namespace: {{ .Release.Namespace }}
  path: /validate
  port: 443
{{- end }}
{{- /* written by the pods, or by the injector of cert-manager. Not rendered, so that upgrades and re-applies keep it */}}
{{- with .Values.webhook.caBundle }}
caBundle: {{ b64enc . }}
{{- end }}
{{- end }}
