#include "services/order/app.hpp"

int main(int argc, char** argv) {
    return platform::service::run(platform::order::program(), argc, argv);
}
