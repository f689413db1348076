#pragma once
#include <cstddef>
#include <cstdint>

/// What every fuzz program defines, by libFuzzer's name for it: meets one input and aborts (CHECK) when something does not hold.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
