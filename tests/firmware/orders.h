// What the programs of both sketches share: bytes as text.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

static std::string from_hex(const std::string &text) {
    std::string bytes;
    for (size_t i = 0; i + 1 < text.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

// A value that leaves by the characteristic of this number, and the MTU at that moment.
static void told(const char *how, char number, uint16_t mtu, const uint8_t *value, size_t length) {
    printf("%s %c %u ", how, number, static_cast<unsigned>(mtu));
    for (size_t i = 0; i < length; i++) printf("%02x", value[i]);
    printf("\n");
}
