#pragma once
#include <stdint.h>
struct ATTClass {
    bool connected(uint16_t handle) const;
    uint16_t mtu(uint16_t handle) const;
};
extern ATTClass &ATT;
