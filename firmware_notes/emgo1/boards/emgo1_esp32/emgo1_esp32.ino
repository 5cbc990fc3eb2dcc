// EMGO-1 on an ESP32 or ESP32-S3: Arduino core 3.x, NimBLE-Arduino 2.x, and the library in ../../core.
// NOT COMPILED HERE; NEVER RAN ON HARDWARE. On a PC it was tested in front of stand-ins for its libraries.
#include <Arduino.h>
#include <NimBLEDevice.h>
#include <emgo1_device.h>
#include <esp_random.h>

#include <mutex>

#include "converter.h"

static const int PULSE_PIN = 4;
static const char *const NAME = "EMGO-ESP32";

static emgo1_device device;
static std::mutex turn;  // the radio's task and loop() take turns with the device; the converter needs none
static NimBLECharacteristic *data_notify, *ctrl, *sync_, *info_read, *status_notify;
static uint16_t link_handle;

// By NimBLE's own function: that of NimBLE-Arduino does not tell whether the stack has refused.
static bool ask_interval(void *, uint16_t shortest, uint16_t longest) {
    const uint16_t six_intervals = longest * 3 / 4;  // in 10 ms; the stack wants more than two
    ble_gap_upd_params wanted = {};
    wanted.itvl_min = shortest;
    wanted.itvl_max = longest;
    wanted.supervision_timeout = six_intervals > 400 ? six_intervals : 400;
    return ble_gap_update_params(link_handle, &wanted) == 0;
}

static uint32_t set_pulse(void *, bool high) {
    digitalWrite(PULSE_PIN, high);
    return now_us();
}

struct Links : NimBLEServerCallbacks {
    void onConnect(NimBLEServer *, NimBLEConnInfo &link) override {
        std::lock_guard<std::mutex> mine(turn);
        link_handle = link.getConnHandle();
        emgo1_connected(&device, link.getMTU(), link.getConnInterval());
    }
    void onMTUChange(uint16_t mtu, NimBLEConnInfo &link) override {
        std::lock_guard<std::mutex> mine(turn);
        emgo1_link_changed(&device, mtu, link.getConnInterval());
    }
    void onConnParamsUpdate(NimBLEConnInfo &link) override {
        std::lock_guard<std::mutex> mine(turn);
        emgo1_link_changed(&device, link.getMTU(), link.getConnInterval());
    }
    void onDisconnect(NimBLEServer *, NimBLEConnInfo &, int) override {
        std::lock_guard<std::mutex> mine(turn);
        emgo1_disconnected(&device);
    }
} links;

static void show_info() {
    uint8_t info[EMGO1_INFO_BYTES];
    emgo1_info(&device, info);
    info_read->setValue(info, sizeof info);
}

struct Writes : NimBLECharacteristicCallbacks {
    void onWrite(NimBLECharacteristic *written, NimBLEConnInfo &) override {
        const uint32_t t_us = now_us();  // before anything else
        const NimBLEAttValue value = written->getValue();
        uint8_t reply[EMGO1_REPLY_BYTES];
        if (written == sync_) {
            const uint8_t n_bytes = emgo1_pong(value.data(), value.size(), t_us, now_us(), reply);
            if (n_bytes) sync_->notify(reply, n_bytes);
            return;
        }
        {
            std::lock_guard<std::mutex> mine(turn);
            emgo1_command(&device, value.data(), value.size(), t_us, reply);
            show_info();
        }
        ctrl->indicate(reply, sizeof reply);
    }
} writes;

void setup() {
    const emgo1_board board = {converter_run, converter_set_rate, ask_interval, set_pulse, nullptr};
    emgo1_setup told = {};
    pinMode(PULSE_PIN, OUTPUT);
    converter_begin();
    told.about = {CHANNELS, BITS, 0b1011, esp_random(), 1, 1, UV_PER_COUNT, 20.0f, 450.0f, GROUP_DELAY_US, SKEW_NS};
    converter_set_rate(nullptr, RATE_HZ, &told.about.rate_numerator, &told.about.rate_denominator);
    emgo1_begin(&device, &told, &board);

    NimBLEDevice::init(NAME);
    NimBLEDevice::setMTU(247);
    NimBLEServer *server = NimBLEDevice::createServer();
    server->setCallbacks(&links, false);
    server->advertiseOnDisconnect(true);
    NimBLEService *service = server->createService("e0a50001-6d67-4f72-b1e5-656d676f7264");
    using namespace NIMBLE_PROPERTY;
    data_notify = service->createCharacteristic("e0a50002-6d67-4f72-b1e5-656d676f7264", NOTIFY);
    ctrl = service->createCharacteristic("e0a50003-6d67-4f72-b1e5-656d676f7264", WRITE | INDICATE);
    sync_ = service->createCharacteristic("e0a50004-6d67-4f72-b1e5-656d676f7264", WRITE_NR | NOTIFY);
    info_read = service->createCharacteristic("e0a50005-6d67-4f72-b1e5-656d676f7264", READ);
    status_notify = service->createCharacteristic("e0a50006-6d67-4f72-b1e5-656d676f7264", NOTIFY);
    ctrl->setCallbacks(&writes);
    sync_->setCallbacks(&writes);
    service->start();  // NimBLE-Arduino up to 2.3 has no service without it; later ones do nothing here
    show_info();

    taking = &device;
    converter_run(nullptr, true);
    NimBLEAdvertising *advertising = NimBLEDevice::getAdvertising();
    advertising->enableScanResponse(true);  // the service fills the advertisement, the name goes into the response
    advertising->addServiceUUID(service->getUUID());
    advertising->setName(NAME);
    NimBLEDevice::startAdvertising();
}

// The packet is copied while the device is ours, and sent while it is not: the radio's task may be waiting for it.
static bool send_packet() {
    uint8_t copy[EMGO1_PACKET_BYTES];
    uint16_t n_bytes;
    {
        std::lock_guard<std::mutex> mine(turn);
        const uint8_t *bytes = emgo1_packet_ready(&device, &n_bytes);
        if (!bytes) return false;
        memcpy(copy, bytes, n_bytes);
    }
    if (!data_notify->notify(copy, n_bytes)) return false;
    std::lock_guard<std::mutex> mine(turn);
    emgo1_packet_taken(&device);
    return true;
}

void loop() {
    uint8_t status[EMGO1_STATUS_BYTES];
    bool due;
    while (send_packet()) {
    }
    {
        std::lock_guard<std::mutex> mine(turn);
        due = emgo1_tick(&device, now_us());
        if (due) emgo1_status(&device, status);
    }
    if (due) status_notify->notify(status, sizeof status);
    delay(2);
}
