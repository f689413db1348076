{{- /* Labels of one part: (list . "prometheus"). */}}
{{- define "observability.selector" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end }}

{{- /* Labels of the pods: nothing that a new version of the chart changes, or every upgrade would start them again. */}}
{{- define "observability.podLabels" -}}
{{ include "observability.selector" . }}
app.kubernetes.io/component: observability
app.kubernetes.io/part-of: orderplatform
{{- end }}

{{- define "observability.labels" -}}
{{- $root := index . 0 -}}
{{ include "observability.podLabels" . }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end }}

{{- /* A repository with global.imageRegistry in place of its own registry: (list . "quay.io/a/b"). */}}
{{- define "observability.repository" -}}
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

{{- /* Image of one part: (list . "prometheus"). */}}
{{- define "observability.image" -}}
{{- $image := (index (index . 0).Values (index . 1)).image -}}
{{- $repository := include "observability.repository" (list (index . 0) $image.repository) -}}
{{- if $image.digest -}}
{{ $repository }}@{{ $image.digest }}
{{- else if $image.tag -}}
{{ $repository }}:{{ $image.tag }}
{{- else -}}
{{ fail (printf "%s.image.tag is empty and there is no digest: say which version of %s to run" (index . 1) $image.repository) }}
{{- end -}}
{{- end }}

{{- define "observability.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end }}

{{- /* What all pods share: (list . <user and group>). */}}
{{- define "observability.pod" -}}
{{- $root := index . 0 }}{{ $user := index . 1 -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ $user }}
  runAsGroup: {{ $user }}
  fsGroup: {{ $user }}
  seccompProfile: {type: RuntimeDefault}
{{- /* Names of Secrets, the chart's and the global ones, each once; a global one may also be written {name: x}. */}}
{{- $names := $root.Values.imagePullSecrets }}
{{- range ($root.Values.global).imagePullSecrets }}
{{- if kindIs "map" . }}{{ $names = append $names .name }}{{ else }}{{ $names = append $names . }}{{ end }}
{{- end }}
{{- with uniq $names }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end }}
{{- with $root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* The alerts with the address of their runbooks. */}}
{{- define "observability.alerts" -}}
{{- .Files.Get "files/rules/alerts.yaml" | replace "RUNBOOKS/" (printf "%s/" .Values.runbooks.baseUrl) -}}
{{- end }}

{{- define "observability.prometheusUrl" -}}
{{- if not (or .Values.grafana.prometheusUrl .Values.prometheus.enabled) }}
{{- fail "grafana.enabled needs a Prometheus: prometheus.enabled is false, so set grafana.prometheusUrl to the address of yours" }}
{{- end }}
{{- .Values.grafana.prometheusUrl | default (printf "http://prometheus.%s.svc:9090" .Release.Namespace) -}}
{{- end }}
