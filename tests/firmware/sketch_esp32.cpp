// The sketch of the ESP32 as a program of this machine: lines of orders on standard input, what it did on standard output.
// Its libraries are stand-ins that know no more than what is known of them from their documentation and sources.
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>

#include "emgo1_esp32.ino"
#include "orders.h"

struct adc_continuous_ctx_t {};

namespace {

struct Kept : NimBLECharacteristic {
    char number = 0;
    NimBLECharacteristicCallbacks *callbacks = nullptr;
};

Kept characteristics[8];
unsigned n_characteristics;
NimBLEServer server;
NimBLEService the_service;
NimBLEAdvertising the_advertising;
NimBLEUUID the_uuid;
NimBLEServerCallbacks *server_callbacks;
NimBLEConnInfo link_info;
bool linked, converting, updating;
uint16_t link_mtu = 23;
int64_t clock_us;
uint32_t conversions;
adc_continuous_ctx_t the_adc;
adc_continuous_callback_t on_conversions;
uint8_t written[512];
uint16_t n_written;

// One buffer of the DMA: the inputs by turns, each conversion sixteen equal raw values.
void give_block() {
    alignas(4) static uint8_t buffer[BLOCK * OVERSAMPLE * CHANNELS * SOC_ADC_DIGI_RESULT_BYTES];
    adc_digi_output_data_t *results = reinterpret_cast<adc_digi_output_data_t *>(buffer);
    for (uint32_t i = 0; i < BLOCK * OVERSAMPLE * CHANNELS; i++) {
        const uint32_t index = conversions + i / (OVERSAMPLE * CHANNELS), c = i % CHANNELS;
        results[i].RESULT.data = (c ? 4000 - index % 1000 : index % 1000) & 4095;
        results[i].RESULT.channel = static_cast<uint16_t>(channel_of[c]) & 15;
    }
    conversions += BLOCK;
    clock_us += BLOCK * 1000;
    adc_continuous_evt_data_t done = {};
    done.conv_frame_buffer = buffer;
    done.size = sizeof buffer;
    on_conversions(adc, &done, nullptr);
}

void write_to(char number, const std::string &bytes) {
    n_written = static_cast<uint16_t>(bytes.size());
    memcpy(written, bytes.data(), bytes.size());
    for (unsigned i = 0; i < n_characteristics; i++) {
        if (characteristics[i].number == number) characteristics[i].callbacks->onWrite(&characteristics[i], link_info);
    }
}

}  // namespace

void pinMode(uint8_t, uint8_t) {}
void digitalWrite(uint8_t pin, uint8_t value) { printf("pin %d %d\n", pin, value); }
void delay(uint32_t) {
    if (converting && !taking) give_block();  // while the rate is measured
}
uint32_t esp_random(void) { return 0x12345678; }
int64_t esp_timer_get_time(void) { return clock_us; }

esp_err_t adc_continuous_new_handle(const adc_continuous_handle_cfg_t *, adc_continuous_handle_t *handle) {
    *handle = &the_adc;
    return 0;
}
esp_err_t adc_continuous_config(adc_continuous_handle_t, const adc_continuous_config_t *) { return 0; }
esp_err_t adc_continuous_register_event_callbacks(adc_continuous_handle_t, const adc_continuous_evt_cbs_t *callbacks, void *) {
    on_conversions = callbacks->on_conv_done;
    return 0;
}
esp_err_t adc_continuous_start(adc_continuous_handle_t) { return converting = true, 0; }
esp_err_t adc_continuous_stop(adc_continuous_handle_t) { return converting = false, 0; }
esp_err_t adc_continuous_io_to_channel(int pin, adc_unit_t *unit, adc_channel_t *channel) {
    *unit = ADC_UNIT_1;
    *channel = pin == PINS[0] ? ADC_CHANNEL_0 : ADC_CHANNEL_1;
    return 0;
}

const uint8_t *NimBLEAttValue::data() const { return written; }
uint16_t NimBLEAttValue::size() const { return n_written; }
uint16_t NimBLEConnInfo::getConnHandle() const { return 7; }
uint16_t NimBLEConnInfo::getMTU() const { return link_mtu; }
uint16_t NimBLEConnInfo::getConnInterval() const { return 12; }

bool NimBLECharacteristic::notify(const uint8_t *value, size_t length, uint16_t) const {
    if (linked) told("notify", static_cast<const Kept *>(this)->number, link_mtu, value, length);
    return true;
}
bool NimBLECharacteristic::indicate(const uint8_t *value, size_t length, uint16_t) const {
    if (linked) told("indicate", static_cast<const Kept *>(this)->number, link_mtu, value, length);
    return true;
}
void NimBLECharacteristic::setValue(const uint8_t *value, size_t length) {
    told("value", static_cast<const Kept *>(this)->number, link_mtu, value, length);
}
NimBLEAttValue NimBLECharacteristic::getValue() { return {}; }
void NimBLECharacteristic::setCallbacks(NimBLECharacteristicCallbacks *callbacks) {
    static_cast<Kept *>(this)->callbacks = callbacks;
}
NimBLECharacteristic *NimBLEService::createCharacteristic(const char *uuid, uint32_t) {
    Kept *made = &characteristics[n_characteristics++];
    made->number = uuid[7];
    return made;
}
const NimBLEUUID &NimBLEService::getUUID() const { return the_uuid; }
bool NimBLEService::start() { return true; }
void NimBLEServer::setCallbacks(NimBLEServerCallbacks *callbacks, bool) { server_callbacks = callbacks; }
void NimBLEServer::advertiseOnDisconnect(bool) {}
NimBLEService *NimBLEServer::createService(const char *) { return &the_service; }
void NimBLEAdvertising::enableScanResponse(bool) {}
bool NimBLEAdvertising::addServiceUUID(const NimBLEUUID &) { return true; }
bool NimBLEAdvertising::setName(const char *) { return true; }
bool NimBLEDevice::init(const char *) { return true; }
bool NimBLEDevice::setMTU(uint16_t) { return true; }
NimBLEServer *NimBLEDevice::createServer() { return &server; }
NimBLEServer *NimBLEDevice::getServer() { return &server; }
NimBLEAdvertising *NimBLEDevice::getAdvertising() { return &the_advertising; }
bool NimBLEDevice::startAdvertising() { return true; }

// What the Bluetooth specification asks of the parameters of a link (vol. 6, part B, 4.5.2), and one update at a time.
int ble_gap_update_params(uint16_t conn_handle, const ble_gap_upd_params *params) {
    const bool ordered = params->itvl_min >= 6 && params->itvl_min <= params->itvl_max && params->itvl_max <= 3200;
    const double silence_ms = 10.0 * params->supervision_timeout, interval_ms = 1.25 * params->itvl_max;
    if (!linked || conn_handle != 7) return 7;
    if (!ordered || params->latency > 499 || silence_ms < 100 || silence_ms > 32000 ||
        silence_ms <= (1 + params->latency) * interval_ms * 2) {
        return 3;
    }
    if (updating) return 2;
    updating = true;
    printf("parameters %d %d %d %d\n", params->itvl_min, params->itvl_max, params->latency, params->supervision_timeout);
    return 0;
}

int main() {
    setup();
    conversions = 0;  // numbered as the device numbers them
    return obey(write_to, give_block, {
        {"connect", [] {
            linked = true;
            link_mtu = 23;
            server_callbacks->onConnect(&server, link_info);
        }},
        {"disconnect", [] {
            linked = updating = false;
            server_callbacks->onDisconnect(&server, link_info, 0);
        }},
        {"updated", [] {
            updating = false;
            server_callbacks->onConnParamsUpdate(link_info);
        }},
        {"mtu", [] {
            std::cin >> link_mtu;
            server_callbacks->onMTUChange(link_mtu, link_info);
        }},
    });
}
