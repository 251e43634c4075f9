# One image for every part: `niximage hook`, `registry`, `builder`, `up`.
FROM docker.io/library/node:24-trixie-slim AS dependencies
WORKDIR /niximage
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM docker.io/library/node:24-trixie-slim
# nix-bin builds images; git, openssh-client and xz-utils fetch sources for it. fakeroot and patchelf serve the offline package set.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates fakeroot git nix-bin openssh-client patchelf xz-utils \
 && rm -rf /var/lib/apt/lists/*

# In a container there are no build users and no right to make a sandbox; the container itself is the border.
RUN mkdir -p /etc/nix \
 && printf '%s\n' 'build-users-group =' 'sandbox = false' 'build-poll-interval = 1' > /etc/nix/nix.conf
ENV NIX_REMOTE=local \
    NODE_ENV=production

# Nix looks for these before it starts; a fresh volume takes them over with their owner.
RUN mkdir -p /nix/store /nix/var/nix /var/lib/niximage/state /var/lib/niximage/store /workspace /tokens \
 && chown -R 1000:1000 /nix /var/lib/niximage /workspace /tokens

WORKDIR /niximage
COPY --from=dependencies /niximage/node_modules ./node_modules
COPY . .
RUN install -d -o 1000 -g 1000 .cache \
 && ln -s /niximage/cli/niximage.mjs /usr/local/bin/niximage

USER 1000:1000
ENV HOME=/home/node
# The compiled sources of what a builder's Pod runs, so that Nix starts sooner, and of the registry, which needs 30 MB less
# memory with them (cli/niximage.mjs).
RUN niximage builder --help > /dev/null \
 && niximage registry serve --help > /dev/null \
 && cd /niximage \
 && NODE_COMPILE_CACHE=/niximage/.cache/compile node --import ./builder/openStore.ts --import ./builder/writeImage.ts \
      --import ./builder/publish.ts --eval "await import('/niximage/builder/main.ts')"
WORKDIR /workspace
ENTRYPOINT ["niximage"]
CMD ["--help"]

LABEL org.opencontainers.image.title="niximage" \
      org.opencontainers.image.description="Container images on Kubernetes from a list of Nix packages" \
      org.opencontainers.image.licenses="Apache-2.0"
