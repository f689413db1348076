{{- define "operator.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "operator.account" -}}
{{- .Values.serviceAccount.name | default (include "operator.name" .) -}}
{{- end }}

{{- define "operator.helmAccount" -}}
{{- include "operator.account" . }}-helm
{{- end }}

{{- define "operator.selector" -}}
app.kubernetes.io/name: order-platform-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "operator.labels" -}}
{{ include "operator.selector" . }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: orderplatform
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* A repository with global.imageRegistry in place of its own registry: (list . "quay.io/a/b"). */}}
{{- define "operator.repository" -}}
{{- $repository := index . 1 }}
{{- with ((index . 0).Values.global).imageRegistry }}
{{- $first := splitList "/" $repository | first }}
{{- if and (contains "/" $repository) (or (contains "." $first) (contains ":" $first) (eq $first "localhost")) }}
{{- $repository = trimPrefix (print $first "/") $repository }}
{{- end }}
{{- $repository = printf "%s/%s" . $repository }}
{{- end }}
{{- $repository }}
{{- end }}

{{- define "operator.image" -}}
{{- $repository := include "operator.repository" (list . .Values.image.repository) -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- /* Names of Secrets, the chart's and the global ones, each once; a global one may also be written {name: x}. */}}
{{- define "operator.pullSecrets" -}}
{{- $names := .Values.imagePullSecrets }}
{{- range (.Values.global).imagePullSecrets }}
{{- if kindIs "map" . }}{{ $names = append $names .name }}{{ else }}{{ $names = append $names . }}{{ end }}
{{- end }}
{{- with $names | uniq }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{- /* The account's token as a volume of its own, so that it is mounted where it is needed and expires within the hour. */}}
{{- define "operator.token" -}}
name: token
projected:
  defaultMode: 0444
  sources:
    - serviceAccountToken: {path: token, expirationSeconds: 3600}
    - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}

{{- /* The operator's own variables: a list. */}}
{{- define "operator.environment" -}}
- {name: HTTP_PORT, value: "8080"}
- {name: LOG_LEVEL, value: {{ .Values.logLevel }}}
- name: WATCH_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- {name: HELM_SERVICE_ACCOUNT, value: {{ include "operator.helmAccount" . }}}
- {name: HELM_TIMEOUT, value: {{ .Values.helmTimeout }}}
- {name: RESYNC_INTERVAL, value: {{ .Values.resyncInterval }}}
- {name: IMAGE_REPOSITORY_PREFIX, value: {{ include "operator.repository" (list . .Values.platformImages.repositoryPrefix) | quote }}}
- {name: IMAGE_TAG, value: {{ .Values.platformImages.tag | default .Values.image.tag | default .Chart.AppVersion | quote }}}
- {name: IMAGE_PULL_POLICY, value: {{ .Values.platformImages.pullPolicy }}}
- {name: KAFKA_IMAGE, value: {{ include "operator.repository" (list . .Values.infrastructureImages.kafka) | quote }}}
- {name: MYSQL_IMAGE, value: {{ include "operator.repository" (list . .Values.infrastructureImages.mysql) | quote }}}
- {name: REDIS_IMAGE, value: {{ include "operator.repository" (list . .Values.infrastructureImages.redis) | quote }}}
{{- end }}

{{- /* What the schema cannot say: each fault is one sentence that names the value. */}}
{{- define "operator.check" -}}
{{- $taken := dict }}
{{- range include "operator.environment" . | fromYamlArray }}{{ $_ := set $taken .name "chart" }}{{ end }}
{{- range .Values.extraEnv }}
{{- if hasKey $taken .name }}
{{- fail (printf "extraEnv names %s, which the chart sets already: use the value for it" .name) }}
{{- end }}
{{- $_ := set $taken .name "extraEnv" }}
{{- end }}
{{- range $name, $_ := include "operator.labels" . | fromYaml }}
{{- if hasKey $.Values.podLabels $name }}
{{- fail (printf "podLabels sets %s, which is the chart's own: take another label" $name) }}
{{- end }}
{{- end }}
{{- range concat .Values.extraVolumeMounts .Values.extraVolumes }}
{{- if or (has .name (list "tmp" "token")) (eq (toString .mountPath) "/tmp") }}
{{- fail "extraVolumes and extraVolumeMounts: the names tmp and token and the path /tmp are the chart's own" }}
{{- end }}
{{- end }}
{{- end }}
