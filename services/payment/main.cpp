#include "services/payment/app.hpp"

int main(int argc, char** argv) {
    return platform::service::run(platform::payment::program(), argc, argv);
}
