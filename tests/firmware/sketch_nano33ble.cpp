// The sketch of the Nano 33 BLE as a program of this machine: lines of orders on standard input, what it did on standard
// output. Its libraries are stand-ins that know no more than what is known of them from their documentation and sources.
#include <cstdio>
#include <cstring>
#include <iostream>
#include <map>
#include <string>

#include "emgo1_nano33ble.ino"
#include "orders.h"

NRF_TIMER_Type timer3, timer4;
NRF_SAADC_Type saadc;
NRF_PPI_Type ppi;
NRF_CLOCK_Type hf_clock;
NRF_RNG_Type rng;

namespace {

struct Kept {
    char number = 0;
    uint8_t value[512] = {};
    int length = 0;
    BLECharacteristicEventHandler on_written = nullptr;
};

// Characteristics are made before main() is entered.
std::map<const BLECharacteristic *, Kept> &kept() {
    static std::map<const BLECharacteristic *, Kept> all;
    return all;
}

BLELocalDevice local_device;
ATTClass attributes;
BLEDeviceEventHandler on_event[2];
bool linked;
uint16_t link_mtu = 23;
uint32_t clock_us, conversions;
const uint16_t HANDLE = 1;

void give_block() {
    for (uint32_t i = 0; i < BLOCK; i++) {
        blocks[filling][i * CHANNELS] = static_cast<int16_t>(MIDDLE + (conversions + i) % 1000);
        blocks[filling][i * CHANNELS + 1] = static_cast<int16_t>(MIDDLE - (conversions + i) % 1000);
    }
    conversions += BLOCK;
    clock_us += BLOCK * 1000;
    timer4.CC[CC_BLOCK] = timer4.CC[CC_NOW] = clock_us;
    saadc.EVENTS_END = 1;
    on_block();
}

void write_to(char number, const std::string &bytes) {
    for (auto &[characteristic, its] : kept()) {
        if (its.number != number) continue;
        memcpy(its.value, bytes.data(), bytes.size());
        its.length = static_cast<int>(bytes.size());
        its.on_written(BLEDevice(), *characteristic);
    }
}

}  // namespace

BLELocalDevice &BLE = local_device;
ATTClass &ATT = attributes;

void pinMode(uint8_t, uint8_t) {}
void digitalWrite(uint8_t pin, uint8_t value) { printf("pin %d %d\n", pin, value); }
void delay(uint32_t) {}
void NVIC_SetVector(IRQn_Type, uint32_t) {}
void NVIC_EnableIRQ(IRQn_Type) {}
void NVIC_DisableIRQ(IRQn_Type) {}
void NVIC_ClearPendingIRQ(IRQn_Type) {}

BLECharacteristic::BLECharacteristic(const char *uuid, uint16_t, int, bool) { kept()[this].number = uuid[7]; }
const uint8_t *BLECharacteristic::value() const { return kept()[this].value; }
int BLECharacteristic::valueLength() const { return kept()[this].length; }
int BLECharacteristic::writeValue(const uint8_t value[], int length) {
    told(linked ? "notify" : "value", kept()[this].number, link_mtu, value, static_cast<size_t>(length));
    return length;
}
void BLECharacteristic::setEventHandler(int, BLECharacteristicEventHandler handler) { kept()[this].on_written = handler; }
BLEService::BLEService(const char *) {}
void BLEService::addCharacteristic(BLECharacteristic &) {}
int BLELocalDevice::begin() { return 1; }
void BLELocalDevice::poll() {}
void BLELocalDevice::setLocalName(const char *) {}
void BLELocalDevice::setConnectionInterval(uint16_t, uint16_t) {}
void BLELocalDevice::setAdvertisedService(const BLEService &) {}
void BLELocalDevice::addService(BLEService &) {}
void BLELocalDevice::setEventHandler(BLEDeviceEvent event, BLEDeviceEventHandler handler) { on_event[event] = handler; }
int BLELocalDevice::advertise() { return 1; }
uint16_t ATTClass::mtu(uint16_t handle) const { return linked && handle == HANDLE ? link_mtu : 23; }

int main() {
    setup();
    conversions = 0;  // numbered as the device numbers them
    return obey(write_to, give_block, {
        {"connect", [] {
            linked = true;
            link_mtu = 23;
            on_event[BLEConnected](BLEDevice());
        }},
        {"disconnect", [] {
            on_event[BLEDisconnected](BLEDevice());  // ArduinoBLE tells before it forgets the link
            linked = false;
        }},
        {"mtu", [] { std::cin >> link_mtu; }},  // and of this it tells nothing
    });
}
