#pragma once
#include <stdint.h>
struct ATTClass {
    uint16_t mtu(uint16_t handle) const; // 23 of a handle that is nobody's
};
extern ATTClass &ATT;
