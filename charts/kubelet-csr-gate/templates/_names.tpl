{{- define "gate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "gate.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else if contains (include "gate.name" .) .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "gate.name" .) | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "gate.selectorLabels" -}}
app.kubernetes.io/name: {{ include "gate.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "gate.labels" -}}
{{ include "gate.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "gate.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "gate.fullname" .) }}
{{- end }}

{{- define "gate.image" -}}
{{- $repository := .Values.image.repository }}
{{- with .Values.image.registry }}{{ $repository = printf "%s/%s" (trimSuffix "/" .) $repository }}{{ end }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- define "gate.selfSigned" -}}
{{- if and .Values.webhook.enabled (eq .Values.tls.mode "selfSigned") }}true{{ end }}
{{- end }}

{{- define "gate.certManager" -}}
{{- if and .Values.webhook.enabled (eq .Values.tls.mode "certManager") }}true{{ end }}
{{- end }}

{{/* Whether pods read the serving certificate from files, which someone else renews. */}}
{{- define "gate.tlsIsMounted" -}}
{{- if and .Values.webhook.enabled (ne .Values.tls.mode "selfSigned") }}true{{ end }}
{{- end }}

{{/*
The Secret that holds the serving certificate. Each mode has its own: on a change of mode Helm deletes the one of
selfSigned, which must not be the one that cert-manager has just filled.
*/}}
{{- define "gate.tlsSecretName" -}}
{{- if include "gate.selfSigned" . }}
{{- include "gate.fullname" . }}-tls
{{- else if include "gate.certManager" . }}
{{- include "gate.fullname" . }}-serving
{{- else }}
{{- .Values.tls.existingSecret.name }}
{{- end }}
{{- end }}

{{/* The name by which API servers verify the gate: the Service's, or the host of webhook.url. */}}
{{- define "gate.tlsName" -}}
{{- if .Values.webhook.url }}
{{- $host := (urlParse .Values.webhook.url).host }}
{{- regexReplaceAll "^\\[(.*)\\]$" (regexReplaceAll ":[0-9]+$" $host "") "${1}" }}
{{- else }}
{{- printf "%s.%s.svc" (include "gate.fullname" .) .Release.Namespace }}
{{- end }}
{{- end }}

{{/* The address to listen on where API servers reach the gate on their own host only; empty elsewhere. */}}
{{- define "gate.loopback" -}}
{{- if hasPrefix "https://[::1]" .Values.webhook.url }}[::1]
{{- else if regexMatch "^https://(127\\.0\\.0\\.1|localhost)[:/]" .Values.webhook.url }}127.0.0.1
{{- end }}
{{- end }}
