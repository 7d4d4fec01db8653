# The command line of Wayledger. Node is the exact version the tests run with (package.json).
FROM node:24.21.0-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS build
# Without scripts: `prepare` would build before the sources are here, and the package `node` would
# bring a second Node.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY apps apps
COPY libs libs
RUN npm run build

FROM base AS dependencies
RUN npm ci --omit=dev --ignore-scripts

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY bin bin
COPY schemes schemes
# A new volume mounted here takes over owner and mode.
RUN install -d -o node -g node -m 700 data
USER node
# As process 1 Node would not hear SIGTERM: run with `--init` (compose does), so no tini in here.
# Not `node bin/wayledger.js`: its first line says how much memory may be taken.
ENTRYPOINT ["/app/bin/wayledger.js"]
