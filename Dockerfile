# The service alone: Prometheus, Alertmanager and whatever scales are elsewhere. compose.yaml shows them together.
#   docker build -t dhalion .
#   docker run -v "$PWD/dhalion.yml:/etc/dhalion/dhalion.yml:ro" -v dhalion:/data dhalion
# It listens beyond loopback only with credentials: mount a web.yml and append --web.config.file=/etc/dhalion/web.yml to
# the flags of CMD (or --web.allow-unauthenticated, where the network around it is trusted).
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ARG REVISION=unknown
ENV NODE_ENV=production DHALION_REVISION=$REVISION
LABEL org.opencontainers.image.title="Dhalion" \
      org.opencontainers.image.description="Self-regulating autoscaler for stream processors behind Prometheus: symptoms, diagnoses, actions, and a judgement of each action" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="docker.io/library/node:24-bookworm-slim"
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./
# `manifests` prints them.
COPY rules ./rules
# A volume that is new takes this folder's owner.
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 10017
# With TLS or without, on the port below; Kubernetes has probes instead. Where clients must show a certificate, or the port is another
# one, give --health-cmd or --no-healthcheck.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; const ask = (scheme) => fetch(scheme + '://127.0.0.1:10017/-/healthy'); ask('http').catch(() => ask('https')).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node is process 1 and ends gracefully on SIGTERM, as `docker stop` sends it.
ENTRYPOINT ["node", "/app/dist/cli.js"]
CMD ["serve", "--config.file=/etc/dhalion/dhalion.yml", "--storage.path=/data", "--web.listen-address=0.0.0.0:10017"]
