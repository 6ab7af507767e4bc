{{/* The reference of the object store's image, empty when the values name none. */}}
{{- define "objectstore.image" -}}
{{- with .Values.objectStore.image -}}
{{- $path := .repository -}}
{{- with .image -}}
{{- $repository := index $.Values.repositories $path -}}
{{- $path = list $repository.hostname $repository.pathPrefix . | compact | join "/" -}}
{{- end -}}
{{- if .digest -}}
{{- printf "%s@%s" $path .digest -}}
{{- else -}}
{{- printf "%s:%s" $path .tag -}}
{{- end -}}
{{- end -}}
{{- end -}}
