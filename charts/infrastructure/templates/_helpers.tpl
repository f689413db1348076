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

{{- define "infrastructure.image" -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag }}{{- end -}}
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
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
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
