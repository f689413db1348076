{{- /* Labels of one part: (list . "kafka"). */}}
{{- define "infrastructure.selector" -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end }}

{{- /* Labels of the pods: nothing that a new version of the chart changes, or every upgrade would start them again. */}}
{{- define "infrastructure.podLabels" -}}
{{ include "infrastructure.selector" . }}
app.kubernetes.io/component: infrastructure
app.kubernetes.io/part-of: orderplatform
{{- end }}

{{- define "infrastructure.labels" -}}
{{- $root := index . 0 -}}
{{ include "infrastructure.podLabels" . }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end }}

{{- /* A repository with global.imageRegistry in place of its own registry: (list . "quay.io/a/b"). */}}
{{- define "infrastructure.repository" -}}
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

{{- /* Image of one part: (list . "kafka"). */}}
{{- define "infrastructure.image" -}}
{{- $image := (index (index . 0).Values (index . 1)).image -}}
{{- $repository := include "infrastructure.repository" (list (index . 0) $image.repository) -}}
{{- if $image.digest -}}
{{ $repository }}@{{ $image.digest }}
{{- else if $image.tag -}}
{{ $repository }}:{{ $image.tag }}
{{- else -}}
{{ fail (printf "%s.image.tag is empty and there is no digest: say which version of %s to run" (index . 1) $image.repository) }}
{{- end -}}
{{- end }}

{{- define "infrastructure.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "infrastructure.claim" -}}
{{- /* The claim outlives the StatefulSet: data is deleted only by deleting the claim itself. */ -}}
volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .storageClassName }}
      storageClassName: {{ . }}
      {{- end }}
      resources: {requests: {storage: {{ .size }}}}
persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}
{{- end }}

{{- define "infrastructure.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- /* Names of Secrets, the chart's and the global ones, each once; a global one may also be written {name: x}. */}}
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
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- /* ClusterIP and headless Service of one part: (list . "kafka" 9092). */}}
{{- define "infrastructure.services" -}}
{{- $root := index . 0 }}{{ $name := index . 1 }}{{ $port := index . 2 -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{- include "infrastructure.labels" (list $root $name) | nindent 4 }}
spec:
  selector: {{- include "infrastructure.selector" (list $root $name) | nindent 4 }}
  ports:
    - {name: {{ $name }}, port: {{ $port }}, targetPort: {{ $name }}, protocol: TCP}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}-headless
  labels: {{- include "infrastructure.labels" (list $root $name) | nindent 4 }}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector: {{- include "infrastructure.selector" (list $root $name) | nindent 4 }}
  ports:
    - {name: {{ $name }}, port: {{ $port }}, targetPort: {{ $name }}, protocol: TCP}
{{- end }}

{{- define "infrastructure.tlsSecret" -}}
{{- .Values.tls.existingSecret | default "infrastructure-tls" -}}
{{- end }}

{{- /* The names by which clients may call the three. */}}
{{- define "infrastructure.tlsNames" -}}
{{- $names := list "localhost" }}
{{- range $part := list "kafka" "mysql" "redis" }}
{{- $names = concat $names (list $part (printf "%s.%s" $part $.Release.Namespace) (printf "%s.%s.svc" $part $.Release.Namespace) (printf "%s.%s.svc.cluster.local" $part $.Release.Namespace)) }}
{{- end }}
{{- with .Values.kafka.advertisedHost }}{{ $names = append $names . }}{{ end }}
{{- uniq $names | toJson }}
{{- end }}

{{- define "infrastructure.tlsVolume" -}}
- name: tls
  secret: {secretName: {{ include "infrastructure.tlsSecret" . | quote }}, defaultMode: 0440}
{{- end }}
