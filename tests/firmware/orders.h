// What the programs of both sketches share: bytes as text, and the orders on standard input.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
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

// Obey the orders on standard input until they end; those of its own link a program adds itself.
static int obey(void (*write_to)(char number, const std::string &bytes), void (*give_block)(),
                std::map<std::string, std::function<void()>> orders) {
    orders["write"] = [write_to] {
        std::string characteristic, bytes;
        std::cin >> characteristic >> bytes;
        write_to(characteristic[0], from_hex(bytes));
    };
    orders["block"] = give_block;
    orders["loop"] = loop;
    for (std::string order; std::cin >> order;) {
        const auto known = orders.find(order);
        if (known == orders.end()) return 1;
        known->second();
        if (!std::cin) return 1;
    }
    return 0;
}
