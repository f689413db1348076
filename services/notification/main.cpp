#include "services/notification/app.hpp"

int main(int argc, char** argv) {
    return platform::service::run(platform::notification::program(), argc, argv);
}
