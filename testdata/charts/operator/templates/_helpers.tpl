{{/* The reference of one image: call with a dict of "values" and "name". */}}
{{- define "operator.image" -}}
{{- $image := index .values.images .name -}}
{{- if kindIs "string" $image -}}
{{- $image -}}
{{- else -}}
{{- $repository := index .values.repositories $image.repository -}}
{{- $path := list $repository.hostname $repository.pathPrefix $image.image | compact | join "/" -}}
{{- with $image.digest -}}
{{- printf "%s@%s" $path . -}}
{{- else -}}
{{- printf "%s:%s" $path $image.tag -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The annotations of every object: the release of the operator stands in them. */}}
{{- define "operator.annotations" -}}
aistor.min.io/support: https://subnet.min.io
aistor.min.io/version: {{ .Values.images.operator.tag }}
{{- end -}}

{{- define "operator.pullSecrets" -}}
{{- with .Values.repositories.aistor.imagePullSecrets -}}
imagePullSecrets:
{{ toYaml . }}
{{- end -}}
{{- end -}}
