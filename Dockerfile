# Every image of the platform. Targets: toolchain, test, fuzz, build, one runtime per program, and the local kafka, mysql,
# redis and prometheus. `ci/images` builds them, with docker or podman; `docker build --target order .` works too.
ARG BASE=docker.io/library/debian:trixie-slim
# Debian 13 has no MySQL server; Debian unstable has the LTS one.
ARG MYSQL_BASE=docker.io/library/debian:sid-slim

# One list of packages per section of ci/packages.txt, so that a change in one section rebuilds only what uses it.
# `install-packages SECTION` installs one and records the versions that came.
FROM ${BASE} AS packages
COPY ci/packages.txt ci/install-packages /packages/
RUN cd /packages && awk '/^\[/ {section = substr($1, 2, length($1) - 2); next} \
      !/^#/ && NF {print $1 > section ".list"}' packages.txt && rm packages.txt && touch -d @0 * .

FROM ${BASE} AS toolchain
COPY --from=packages /packages/install-packages /packages/toolchain.list /packages/
RUN sh /packages/install-packages toolchain \
 && ln -s clang-format-19 /usr/bin/clang-format && ln -s clang-tidy-19 /usr/bin/clang-tidy \
 && git config --system safe.directory '*'
ENV CCACHE_DIR=/ccache CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache LANG=C.UTF-8
WORKDIR /src
ENTRYPOINT ["tini", "-g", "--"]

# Kafka from Maven Central: the broker, the command-line tools and what they need, by checksum. The build may pass the
# host's certificates as the secret `certificates`.
FROM ${BASE} AS kafka-files
ARG MAVEN=https://repo.maven.apache.org/maven2
COPY --from=packages /packages/install-packages /packages/download.list /packages/
RUN sh /packages/install-packages download
COPY ci/kafka/jars.sha256 /jars.sha256
RUN --mount=type=secret,id=certificates \
    if [ -s /run/secrets/certificates ]; then export CURL_CA_BUNDLE=/run/secrets/certificates; fi \
 && awk -v from="$MAVEN" '{n = split($2, part, "/"); printf "url = \"%s/%s\"\noutput = \"%s\"\n", from, $2, part[n]}' \
      /jars.sha256 > /download.txt \
 && mkdir -p /opt/kafka/libs /opt/kafka/bin /opt/kafka/config && cd /opt/kafka/libs \
 && curl -fsSL --retry 5 --retry-all-errors --connect-timeout 10 --parallel --parallel-max 8 -K /download.txt \
 && sed 's|  .*/|  |' /jars.sha256 | sha256sum -c --quiet -
COPY ci/kafka/launch ci/kafka/archive-classes /opt/kafka/bin/
COPY ci/kafka/log4j2.yaml ci/kafka/tools-log4j2.yaml /opt/kafka/config/
RUN cd /opt/kafka/bin && chmod 755 launch archive-classes && for name in server-start storage configs dump-log topics cluster get-offsets \
      delete-records metadata-quorum broker-api-versions console-producer console-consumer consumer-groups \
      producer-perf-test run-class; do ln -s launch "kafka-$name.sh"; done \
 && find /opt/kafka -exec touch -h -d @0 {} +

# MySQL with its own C library under /opt/mysql, so that it runs on Debian 13 too.
FROM ${MYSQL_BASE} AS mysql-files
COPY --from=packages /packages/install-packages /packages/mysql.list /packages/
RUN sh /packages/install-packages mysql
COPY ci/mysql/collect /packages/
RUN sh /packages/collect

# What `ci/in` runs in: the toolchain, and real servers that component tests start on the container's own loopback.
FROM toolchain AS test
COPY --from=packages /packages/install-packages /packages/test.list /packages/
RUN sh /packages/install-packages test
COPY --from=kafka-files /opt/kafka /opt/kafka
RUN /opt/kafka/bin/archive-classes
COPY --from=mysql-files /opt/mysql /opt/mysql
RUN sh /opt/mysql/link && useradd --system --uid 999 mysql && mkdir -p /var/run/mysqld /var/lib/mysql-files \
 && chown mysql /var/run/mysqld /var/lib/mysql-files
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/kafka/bin

# == Programs == (what stands above this line decides when toolchain and test are built again)

FROM toolchain AS build
COPY CMakeLists.txt CMakePresets.json /src/
COPY cmake /src/cmake
COPY shared /src/shared
COPY services /src/services
COPY operator /src/operator
COPY ci/collect-programs /src/ci/
RUN --mount=type=cache,target=/ccache \
    cmake --preset release -DBUILD_TESTING=OFF && ninja -C build/release \
 && ci/collect-programs build/release /programs gateway order payment inventory notification operator

# Stands for the compiled programs; `ci/images` passes its own as the build context of this name.
FROM scratch AS programs
COPY --from=build /programs/ /

FROM ${BASE} AS helm-build
COPY --from=packages /packages/install-packages /packages/helm.list /packages/
RUN sh /packages/install-packages helm
COPY ci/kube/go.mod ci/kube/go.sum /kube/
WORKDIR /kube
RUN --mount=type=secret,id=certificates --mount=type=cache,target=/root/go --mount=type=cache,target=/root/.cache/go-build \
    if [ -s /run/secrets/certificates ]; then export SSL_CERT_FILE=/run/secrets/certificates; fi \
 && version=$(awk '$1 == "helm.sh/helm/v3" {print $2}' go.mod) \
 && CGO_ENABLED=0 GOFLAGS=-buildvcs=false go build -p 2 -trimpath \
      -ldflags "-s -w -X helm.sh/helm/v3/internal/version.version=$version" -o /out/helm helm.sh/helm/v3/cmd/helm

# Stands for the Helm that the operator runs; `ci/images` passes the cluster's own where that is built.
FROM scratch AS helm
COPY --from=helm-build /out/ /

# Every program runs on this: libraries only, no shell scripts of ours, no root.
FROM ${BASE} AS runtime
COPY --from=packages /packages/install-packages /packages/runtime.list /packages/
RUN sh /packages/install-packages runtime
USER 10001:10001

FROM runtime AS gateway
COPY --from=programs /gateway /usr/bin/gateway
ENTRYPOINT ["/usr/bin/gateway"]

FROM runtime AS order
COPY --from=programs /order /usr/bin/order
ENTRYPOINT ["/usr/bin/order"]

FROM runtime AS payment
COPY --from=programs /payment /usr/bin/payment
ENTRYPOINT ["/usr/bin/payment"]

FROM runtime AS inventory
COPY --from=programs /inventory /usr/bin/inventory
ENTRYPOINT ["/usr/bin/inventory"]

FROM runtime AS notification
COPY --from=programs /notification /usr/bin/notification
ENTRYPOINT ["/usr/bin/notification"]

FROM runtime AS operator
USER 0
COPY --from=packages /packages/install-packages /packages/operator.list /packages/
RUN sh /packages/install-packages operator
USER 10001:10001
COPY --from=helm /helm /usr/bin/helm
COPY charts /usr/share/orderplatform/charts
COPY crds /usr/share/orderplatform/crds
ENV HOME=/tmp
COPY --from=programs /operator /usr/bin/operator
ENTRYPOINT ["/usr/bin/operator"]

# What `make fuzz` runs in; nothing else needs clang, so nothing else waits for it.
FROM toolchain AS fuzz
COPY --from=packages /packages/install-packages /packages/fuzz.list /packages/
RUN sh /packages/install-packages fuzz && ln -s llvm-symbolizer-19 /usr/bin/llvm-symbolizer

# == Local infrastructure ==
# Same paths, users and commands as the upstream images apache/kafka, mysql, redis and prom/prometheus, as far as the
# charts use them.

FROM ${BASE} AS kafka
COPY --from=packages /packages/install-packages /packages/kafka.list /packages/
RUN sh /packages/install-packages kafka \
 && useradd --uid 1000 --no-create-home --home-dir /tmp appuser && install -d -o appuser -g appuser /var/lib/kafka/data
COPY --from=kafka-files /opt/kafka /opt/kafka
RUN /opt/kafka/bin/archive-classes
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/kafka/bin
USER 1000:1000
CMD ["bash"]

FROM ${BASE} AS mysql
COPY --from=mysql-files /opt/mysql /opt/mysql
RUN sh /opt/mysql/link && groupadd --system --gid 999 mysql && useradd --system --uid 999 --gid 999 mysql \
 && install -d -o mysql -g mysql /var/lib/mysql /var/lib/mysql-files /var/run/mysqld
USER 999:999
CMD ["mysqld"]

FROM ${BASE} AS redis
COPY --from=packages /packages/install-packages /packages/redis.list /packages/
RUN groupadd --system --gid 999 redis && useradd --system --uid 999 --gid 999 --home-dir /data redis \
 && sh /packages/install-packages redis && install -d -o redis -g redis /data
USER 999:999
WORKDIR /data
CMD ["redis-server"]

FROM ${BASE} AS prometheus
COPY --from=packages /packages/install-packages /packages/prometheus.list /packages/
RUN sh /packages/install-packages prometheus && install -d -o 65534 -g 65534 /prometheus
USER 65534:65534
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
