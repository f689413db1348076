{{- define "service.name" -}}
{{- .Values.name | default .Release.Name -}}
{{- end }}

{{- define "service.account" -}}
{{- .Values.serviceAccount.name | default (include "service.name" .) -}}
{{- end }}

{{- define "service.selector" -}}
app.kubernetes.io/name: {{ include "service.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Labels of the pods: nothing that a new version of the chart changes, or every upgrade would start them again. */}}
{{- define "service.podLabels" -}}
{{ include "service.selector" . }}
app.kubernetes.io/component: service
app.kubernetes.io/part-of: orderplatform
{{- end }}

{{- define "service.labels" -}}
{{ include "service.podLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* A repository with global.imageRegistry in place of its own registry: (list . "quay.io/a/b"). */}}
{{- define "service.repository" -}}
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

{{- define "service.image" -}}
{{- $named := .Values.image.repository | default (printf "%s/%s" .Values.image.repositoryPrefix (include "service.name" .)) -}}
{{- $repository := include "service.repository" (list . $named) -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- /* Names of Secrets, the chart's and the global ones, each once; a global one may also be written {name: x}. */}}
{{- define "service.pullSecrets" -}}
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

{{- /* Times of a stop, all from the grace period: {delay, drain, budget} in seconds. */}}
{{- define "service.stop" -}}
{{- $grace := .Values.terminationGracePeriodSeconds | int }}
{{- $notice := min 20 (max 2 (div $grace 8)) }}
{{- $delay := div (mul $notice 2) 5 }}
{{- dict "delay" $delay "drain" (sub $notice $delay) "budget" (sub (sub $grace $delay) 3) | toJson }}
{{- end }}

{{- /* A list of environment variables from the two maps `env` and `secretEnv`, sorted by name. */}}
{{- define "service.environment" -}}
{{- range $name, $value := .env }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- range $name, $from := .secretEnv }}
- name: {{ $name }}
  valueFrom: {secretKeyRef: {name: {{ $from.secret | quote }}, key: {{ $from.key | quote }}}}
{{- end }}
{{- end }}

{{- /* Settings that follow from tls.servers, as JSON; what env or secretEnv says itself wins. */}}
{{- define "service.tlsEnvironment" -}}
{{- $file := "/etc/orderplatform-tls/ca.crt" }}
{{- $all := dict
      "mysql" (dict "MYSQL_TLS" "required-verified" "MYSQL_TLS_CA" $file)
      "kafka" (dict "KAFKA_SECURITY_PROTOCOL" "SASL_SSL" "KAFKA_TLS_CA" $file)
      "redis" (dict "REDIS_TLS" "required-verified" "REDIS_TLS_CA" $file) }}
{{- $chosen := dict }}
{{- range .Values.tls.servers }}{{ $chosen = merge $chosen (get $all .) }}{{ end }}
{{- range .Values.extraEnv }}{{ $chosen = omit $chosen .name }}{{ end }}
{{- range $name, $_ := .Values.secretEnv }}{{ $chosen = omit $chosen $name }}{{ end }}
{{- toJson $chosen }}
{{- end }}

{{- /* The constraints, each with a labelSelector, as JSON: {constraints: [...]}. */}}
{{- define "service.topologySpread" -}}
{{- $own := dict "labelSelector" (dict "matchLabels" (include "service.selector" . | fromYaml)) }}
{{- $all := list }}
{{- range .Values.topologySpreadConstraints }}{{ $all = append $all (merge (dict) . $own) }}{{ end }}
{{- dict "constraints" $all | toJson }}
{{- end }}

{{- /* What the schema cannot say: each fault is one sentence that names the value. */}}
{{- define "service.check" -}}
{{- $values := .Values }}
{{- if and $values.autoscaling.enabled $values.keda.enabled }}
{{- fail "autoscaling.enabled and keda.enabled are both true: two autoscalers would fight over the pods; choose one" }}
{{- end }}
{{- range $key := list "autoscaling" "keda" }}
{{- $scaler := get $values $key }}
{{- if and $scaler.enabled (gt ($scaler.minReplicas | int) ($scaler.maxReplicas | int)) }}
{{- fail (printf "%s.minReplicas (%v) is above %s.maxReplicas (%v)" $key $scaler.minReplicas $key $scaler.maxReplicas) }}
{{- end }}
{{- end }}
{{- $taken := dict "INSTANCE_ID" "chart" "HTTP_PORT" "chart" }}
{{- range $name, $_ := merge (dict) $values.env $values.secretEnv $values.migration.env $values.migration.secretEnv }}{{ $_ := set $taken $name "values" }}{{ end }}
{{- range $values.extraEnv }}
{{- if hasKey $taken .name }}
{{- fail (printf "extraEnv names %s, which env, secretEnv, migration or the chart sets already: keep one" .name) }}
{{- end }}
{{- $_ := set $taken .name "extraEnv" }}
{{- end }}
{{- range $name, $_ := include "service.podLabels" . | fromYaml }}
{{- if hasKey $values.podLabels $name }}
{{- fail (printf "podLabels sets %s, by which the Service finds its pods: take another label" $name) }}
{{- end }}
{{- end }}
{{- range concat $values.extraVolumeMounts $values.extraVolumes }}
{{- if or (eq .name "tmp") (eq (toString .mountPath) "/tmp") }}
{{- fail "extraVolumes and extraVolumeMounts: the name tmp and the path /tmp are the chart's own" }}
{{- end }}
{{- end }}
{{- if and $values.tls.servers (not $values.tls.caSecret.name) }}
{{- fail (printf "tls.servers names %s, but tls.caSecret.name is empty: name the Secret with their authorities" (join ", " $values.tls.servers)) }}
{{- end }}
{{- range concat $values.extraVolumeMounts $values.extraVolumes }}
{{- if and $values.tls.servers (or (eq .name "tls") (eq (toString .mountPath) "/etc/orderplatform-tls")) }}
{{- fail "extraVolumes and extraVolumeMounts: with tls.servers the name tls and the path /etc/orderplatform-tls are the chart's own" }}
{{- end }}
{{- end }}
{{- if and (not $values.serviceAccount.create) (not $values.serviceAccount.name) }}
{{- fail "serviceAccount.create is false and serviceAccount.name is empty: name the account to use" }}
{{- end }}
{{- end }}
