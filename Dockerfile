# zerodis as an image: RESP on 6379, REST and WebSocket on 8079, files in /data. It listens on all interfaces and does not
# start without a token:
#
#   docker build -t zerodis .
#   docker run -e KV_REST_API_TOKEN=secret -p 6379:6379 -p 8079:8079 -v redis-data:/data zerodis

FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY docs/package.json docs/
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build:package && npm pack ./dist --pack-destination /tmp

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/zerodis
COPY --from=build /tmp/zerodis-*.tgz ./
RUN npm init -y >/dev/null \
    && npm install --omit=dev --no-audit --no-fund ./zerodis-*.tgz ioredis@6 zod@4 \
    && rm zerodis-*.tgz \
    && npm cache clean --force
COPY --chmod=755 examples/docker/entrypoint.sh /usr/local/bin/zerodis-entrypoint
RUN mkdir /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 6379 8079
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.ZERODIS_HTTP_PORT ?? (process.env.SRH_MODE ? (process.env.SRH_PORT ?? 80) : 8079)}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["zerodis-entrypoint"]
