# Third-party libraries, all Debian packages (ci/packages.txt says why each is there).
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(cpprestsdk REQUIRED)
find_package(ZLIB REQUIRED)
pkg_check_modules(pistache REQUIRED IMPORTED_TARGET libpistache)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(hiredis_ssl REQUIRED IMPORTED_TARGET hiredis_ssl)

# libmysqlcppconn has neither a CMake nor a pkg-config file.
find_path(MYSQLCPPCONN_INCLUDE_DIR cppconn/driver.h REQUIRED)
find_library(MYSQLCPPCONN_LIBRARY mysqlcppconn REQUIRED)
add_library(mysqlcppconn INTERFACE IMPORTED)
target_include_directories(mysqlcppconn SYSTEM INTERFACE "${MYSQLCPPCONN_INCLUDE_DIR}")
target_link_libraries(mysqlcppconn INTERFACE "${MYSQLCPPCONN_LIBRARY}")

# OpenTelemetry's own CMake files ask for gRPC and whatever else any of its exporters needs; these libraries need protobuf, libcurl and Abseil alone.
# Debian builds it on Abseil's types, and whoever uses its headers has to say so.
find_path(OPENTELEMETRY_INCLUDE_DIR opentelemetry/sdk/trace/exporter.h REQUIRED)
find_path(ABSEIL_INCLUDE_DIR absl/types/variant.h REQUIRED)
add_library(opentelemetry INTERFACE IMPORTED)
target_include_directories(opentelemetry SYSTEM INTERFACE "${OPENTELEMETRY_INCLUDE_DIR}" "${ABSEIL_INCLUDE_DIR}")
target_compile_definitions(opentelemetry INTERFACE HAVE_ABSEIL OPENTELEMETRY_ABI_VERSION_NO=1)
foreach(library opentelemetry_exporter_otlp_http opentelemetry_trace opentelemetry_resources opentelemetry_common absl_bad_variant_access)
  find_library(${library}_LIBRARY ${library} REQUIRED)
  target_link_libraries(opentelemetry INTERFACE "${${library}_LIBRARY}")
endforeach()

if(BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()
