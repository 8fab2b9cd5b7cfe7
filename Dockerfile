# The program alone: no shell, no package manager, not root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/souk ./cmd/souk \
 && mkdir -p /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/souk /souk
# Owned by the user the program runs as: the database, pictures and secrets
# live here unless the configuration says otherwise.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/souk", "healthcheck", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/souk"]
CMD ["serve", "/data/souk.yaml"]
