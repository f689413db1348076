#include "services/inventory/app.hpp"

int main(int argc, char** argv) {
    return platform::service::run(platform::inventory::program(), argc, argv);
}
