FROM node:24-slim

WORKDIR /app
ENV NODE_ENV=production DATA_DIR=/data

# The lockfile decides; --omit=dev leaves out the tools, and keeps the embedded PostgreSQL for a container that runs alone.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

COPY bin bin
COPY src src
COPY profiles profiles
COPY mappings mappings
COPY rulesets rulesets

RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 8080 2575

# Not through npm: signals reach the server itself, which drains before it ends.
CMD ["node", "--disable-proto=throw", "src/app/main.ts"]
