# A static binary on nothing: no shell, no package, no root.
FROM docker.io/library/golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY cmd cmd
COPY scanner scanner
COPY gate gate
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /credgate ./cmd/credgate

FROM scratch
COPY --from=build /credgate /credgate
USER 65532:65532
WORKDIR /repo
ENTRYPOINT ["/credgate"]
CMD ["gate", "/repo"]
