# syntax=docker/dockerfile:1
# Every image of the platform. Targets: toolchain, test, build, one runtime per program, and the local
# kafka, mysql and redis. `ci/images` builds them; a plain `docker build --target order .` works too.
ARG BASE=docker.io/library/debian:trixie-slim

# One list of packages per section of ci/packages.txt, so that a change in one section rebuilds only
# the images that use it.
FROM ${BASE} AS packages
COPY ci/packages.txt /packages/all.txt
RUN cd /packages && awk '/^\[/ {section = substr($1, 2, length($1) - 2); next} \
      !/^#/ && NF {print $1 > section ".list"}' all.txt && rm all.txt && touch -d @0 * .

FROM ${BASE} AS toolchain
COPY --from=packages /packages/toolchain.list /tmp/toolchain.list
RUN export DEBIAN_FRONTEND=noninteractive \
 && apt-get update -q \
 && xargs apt-get install -qy --no-install-recommends < /tmp/toolchain.list \
 && rm -rf /var/lib/apt/lists/* /tmp/toolchain.list \
 && ln -s clang-format-19 /usr/bin/clang-format && ln -s clang-tidy-19 /usr/bin/clang-tidy \
 && git config --system safe.directory '*' \
 && mkdir -p /usr/share/orderplatform && dpkg-query -W > /usr/share/orderplatform/packages.txt
ENV CCACHE_DIR=/ccache CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache LANG=C.UTF-8
WORKDIR /src
ENTRYPOINT ["tini", "-g", "--"]
