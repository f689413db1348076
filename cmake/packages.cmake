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

# libmysqlcppconn has neither a CMake nor a pkg-config file.
find_path(MYSQLCPPCONN_INCLUDE_DIR cppconn/driver.h REQUIRED)
find_library(MYSQLCPPCONN_LIBRARY mysqlcppconn REQUIRED)
add_library(mysqlcppconn INTERFACE IMPORTED)
target_include_directories(mysqlcppconn SYSTEM INTERFACE "${MYSQLCPPCONN_INCLUDE_DIR}")
target_link_libraries(mysqlcppconn INTERFACE "${MYSQLCPPCONN_LIBRARY}")

if(BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()
