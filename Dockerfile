# syntax=docker/dockerfile:1
# The same files, user and entrypoint as `npm run image`, on the distroless image of the same Debian. A test compares it
# with packaging/image/image-config.ts. CI tests the image of `npm run image`; docs/releasing.md lists how this one was tested.
# Bases by digest; override them with --build-arg to build from your own.
ARG BUILDER=docker.io/library/node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
ARG BASE=gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f

FROM ${BUILDER} AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# bundles, and unpacks the Node of packaging/image/node.lock.json, which the builder's Node may differ from
RUN node packaging/main.ts node

FROM ${BASE}
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="kubelet-csr-gate" \
      org.opencontainers.image.description="Approves the serving certificates of kubelets, and refuses what a node has no right to ask for" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build --chmod=0755 /source/dist/node /usr/local/bin/node
COPY --from=build --chmod=0755 /source/dist/kubelet-csr-gate.mjs /app/kubelet-csr-gate.mjs
COPY --from=build --chmod=0644 /source/dist/node.LICENSE /usr/local/share/doc/node/LICENSE
COPY --chmod=0644 LICENSE /app/LICENSE
COPY --chmod=0644 THIRD_PARTY_LICENSES.md /app/THIRD_PARTY_LICENSES.md
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768 MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /app
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/node", "--max-old-space-size-percentage=66", "--max-semi-space-size=4", "--no-parallel-scavenge", "--optimize-for-size", "--heap-growing-percent=30", "--invocation-count-for-maglev=1600", "/app/kubelet-csr-gate.mjs"]
CMD ["serve"]
